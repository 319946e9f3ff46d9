using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CniCore.Linux.Files;

/// <summary>
/// Reads files of JSON with a number <c>schema</c>. One that cannot be read is reported once and passed over, so that it stops nobody who
/// needs the others. A corrupt one is set aside under another name; one of a later version, or that the kernel does not let be read, is
/// left alone.
/// </summary>
/// <param name="log">Where it is reported.</param>
public sealed partial class StateFiles(ILogger log)
{
    /// <summary>The newest schema that this version reads, and the one it writes.</summary>
    public const int Schema = 1;

    private const int Limit = 64 * 1024 * 1024; // all 65,535 ports published are a tenth of it
    private const string Corrupt = ".corrupt";
    private const string Kept = ".kept";

    // Those that are left alone.
    private readonly ConcurrentDictionary<string, string> left = new(StringComparer.Ordinal);

    /// <summary>What a name ends in that is set aside.</summary>
    public static IReadOnlyList<string> AsideEndings { get; } = [Corrupt, Kept];

    /// <summary>The files of a folder, and what has the name of one.</summary>
    public static IEnumerable<string> In(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, "*.json") : [];

    /// <summary>Reads one for good: what cannot be read is reported.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Makes the thing of it; throws <see cref="JsonException"/> where it is none, and
    /// <see cref="NotSupportedException"/> where only a later version can read it.</param>
    public T? Read<T>(string path, Func<JsonElement, T> parse) where T : class
    {
        if (Look(path, parse, out var fault, out var reason) is { } thing)
        {
            left.TryRemove(path, out _);
            return thing;
        }
        if (fault == StateFileFault.Corrupt)
            SetAside(path, reason);
        else if (fault != StateFileFault.Gone && left.TryAdd(path, reason))
            LeftAlone(path, reason);
        return null;
    }

    /// <summary>Reads one and changes nothing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Makes the thing of it; throws <see cref="JsonException"/> where it is none, and
    /// <see cref="NotSupportedException"/> where only a later version can read it.</param>
    /// <param name="fault">Why it cannot be read.</param>
    /// <param name="reason">The same in words.</param>
    public static T? Look<T>(string path, Func<JsonElement, T> parse, out StateFileFault fault, out string reason) where T : class
    {
        ArgumentNullException.ThrowIfNull(parse);
        try
        {
            using var document = JsonDocument.Parse(ForeignFile.ReadAllBytes(path, Limit));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException("it holds no JSON object");
            if (document.RootElement.TryGetProperty("schema", out var written) && written.TryGetInt32(out var number) && number > Schema)
            {
                (fault, reason) = (StateFileFault.Later, $"a later version wrote it: its schema is {number}, this one reads {Schema}");
                return null;
            }
            (fault, reason) = (default, "");
            return parse(document.RootElement);
        }
        catch (FileNotFoundException gone)
        {
            (fault, reason) = (StateFileFault.Gone, gone.Message);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            (fault, reason) = (StateFileFault.Unreadable, unreadable.Message);
        }
        catch (NotSupportedException later)
        {
            (fault, reason) = (StateFileFault.Later, later.Message);
        }
        catch (Exception corrupt) when (corrupt is JsonException or InvalidOperationException or FormatException)
        {
            (fault, reason) = (StateFileFault.Corrupt, corrupt.Message);
        }
        return null;
    }

    /// <summary>Before a file is written: what was left alone in its place is not lost.</summary>
    public void MakeWay(string path)
    {
        if (left.TryRemove(path, out var reason))
            Move(path, path + Kept, reason);
    }

    private void SetAside(string path, string reason) => Move(path, path + Corrupt, reason);

    private void Move(string path, string aside, string reason)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Move(path, aside);
            else
                File.Move(path, aside, overwrite: true);
            MovedAside(path, reason, aside);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (left.TryAdd(path, reason))
                LeftAlone(path, reason);
        }
    }

    [LoggerMessage(
        LogLevel.Error, "{Path} cannot be read ({Reason}) and is kept as {Aside}; what it described may have left something behind")]
    private partial void MovedAside(string path, string reason, string aside);

    [LoggerMessage(LogLevel.Error, "{Path} cannot be read ({Reason}) and is left alone; what it describes is not known to this run")]
    private partial void LeftAlone(string path, string reason);
}
