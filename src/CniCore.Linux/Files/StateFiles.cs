using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CniCore.Linux.Files;

/// <summary>
/// Reads JSON files with a number <c>schema</c>. A file that cannot be read is logged once and skipped, so that the others can be used. A
/// corrupt file is renamed; a file of a later version, or one that cannot be read now, is left alone.
/// </summary>
/// <param name="log">Gets a line for each file that cannot be read.</param>
public sealed partial class StateFiles(ILogger log)
{
    /// <summary>The newest schema that this version reads, and the one that it writes.</summary>
    public const int Schema = 1;

    private const int Limit = 64 * 1024 * 1024; // all 65,535 ports published take a tenth of it
    private const string Corrupt = ".corrupt";
    private const string Kept = ".kept";

    // The files that were left alone, with the reason.
    private readonly ConcurrentDictionary<string, string> left = new(StringComparer.Ordinal);

    /// <summary>The suffixes of renamed files.</summary>
    public static IReadOnlyList<string> AsideEndings { get; } = [Corrupt, Kept];

    /// <summary>The entries of a folder that are named like state files.</summary>
    public static IEnumerable<string> In(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, "*.json") : [];

    /// <summary>Reads a file. Logs, and renames if it is corrupt, what cannot be read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Converts the JSON. Throws <see cref="JsonException"/> if it is invalid, and <see cref="NotSupportedException"/>
    /// if only a later version can read it.</param>
    public T? Read<T>(string path, Func<JsonElement, T> parse) where T : class
    {
        if (Look(path, parse, out var fault, out var reason) is { } thing)
        {
            left.TryRemove(path, out _);
            return thing;
        }
        if (fault == StateFileFault.Gone)
            left.TryRemove(path, out _);
        else if (fault == StateFileFault.Corrupt)
            SetAside(path, reason);
        else if (left.TryAdd(path, reason))
            LeftAlone(path, reason);
        return null;
    }

    /// <summary>Reads a file, without logging or renaming.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Converts the JSON. Throws <see cref="JsonException"/> if it is invalid, and <see cref="NotSupportedException"/>
    /// if only a later version can read it.</param>
    /// <param name="fault">Why it cannot be read.</param>
    /// <param name="reason">The reason as text.</param>
    public static T? Look<T>(string path, Func<JsonElement, T> parse, out StateFileFault fault, out string reason) where T : class
    {
        ArgumentNullException.ThrowIfNull(parse);
        try
        {
            using var document = JsonDocument.Parse(ForeignFile.ReadAllBytes(path, Limit));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException("it holds no JSON object");
            Decode(document.RootElement);
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

    /// <summary>Why the file at the path could not be read the last time, and was left alone; null where it was read, or is gone.</summary>
    public string? WhyLeft(string path) => left.GetValueOrDefault(path);

    /// <summary>Call this before writing a file: one that was left alone at this path is renamed.</summary>
    public void MakeWay(string path)
    {
        if (left.TryRemove(path, out var reason))
            Move(path, path + Kept, reason);
    }

    /// <summary>Whether the file at the path was corrupt and has been renamed.</summary>
    public static bool IsCorrupt(string path) => File.Exists(path + Corrupt);

    /// <summary>Deletes the renamed file, once another has taken its place.</summary>
    public static void DeleteCorrupt(string path) => DurableFile.Delete(path + Corrupt);

    // System.Text.Json decodes text where it is first used, and throws there: a value that is kept as JSON would fail when it is written.
    private static void Decode(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            _ = value.GetString();
        foreach (var item in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : default)
            Decode(item);
        foreach (var member in value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : default)
        {
            _ = member.Name;
            Decode(member.Value);
        }
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
