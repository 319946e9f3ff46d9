using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>
/// One file a thing, in memory as well. A change is on disk before anyone sees it. A file that cannot be read is set aside
/// under another name and reported: it must not stop the daemon that all other containers need.
/// </summary>
internal sealed partial class StateFolder<T>(string folder, JsonTypeInfo<T> type, ILogger<StateFolder<T>> log) where T : class, IStored
{
    private const int Schema = 1;
    private readonly ConcurrentDictionary<string, T> things = new(StringComparer.Ordinal);

    public IReadOnlyCollection<T> All => [.. things.Values];

    public T? Find(string id) => things.GetValueOrDefault(id);

    /// <summary>Reads what the last run left. Called once, before anything asks.</summary>
    public void Load()
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateFiles(folder, "*.json"))
        {
            if (Read(path) is { } thing)
                things[thing.Id] = thing;
        }
    }

    /// <summary>Takes in what somebody else has written since.</summary>
    public void LoadNew()
    {
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json") : [])
        {
            if (!things.ContainsKey(Path.GetFileNameWithoutExtension(path)) && TryPeek(path) is { } thing)
                things.TryAdd(thing.Id, thing);
        }
    }

    /// <summary>What is on disk, for a reader beside the daemon: changes nothing, and passes over what it cannot read.</summary>
    public IEnumerable<T> Peek()
    {
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json") : [])
        {
            if (TryPeek(path) is { } thing)
                yield return thing;
        }
    }

    /// <summary>One of them; null where there is none that can be read.</summary>
    public T? Peek(string id) => File.Exists(PathOf(id)) ? TryPeek(PathOf(id)) : null;

    public void Save(T thing)
    {
        DurableFile.Write(PathOf(thing.Id), JsonSerializer.SerializeToUtf8Bytes(thing, type));
        things[thing.Id] = thing;
    }

    /// <summary>
    /// Stores what happens whether it can be stored or not. What goes, goes on a full disk too: its DEL makes room, and is right to repeat
    /// by whoever reads the older file after a crash.
    /// </summary>
    public void Note(T thing)
    {
        if (!DurableFile.TryWrite(PathOf(thing.Id), JsonSerializer.SerializeToUtf8Bytes(thing, type), out var fault))
            NotStored(PathOf(thing.Id), fault);
        things[thing.Id] = thing;
    }

    public void Remove(string id)
    {
        DurableFile.Delete(PathOf(id));
        things.TryRemove(id, out _);
    }

    private T? TryPeek(string path)
    {
        try
        {
            return TryParse(path, out var thing, out _) ? thing : null;
        }
        catch (IOException)
        {
            return null; // the daemon has removed it meanwhile
        }
    }

    private string PathOf(string id) => Path.Combine(folder, ContainerId.Parse(id) + ".json");

    private T? Read(string path)
    {
        if (TryParse(path, out var thing, out var fault))
            return thing;
        var aside = path + ".corrupt";
        File.Move(path, aside, overwrite: true);
        SetAside(path, fault, aside);
        return null;
    }

    private bool TryParse(string path, [NotNullWhen(true)] out T? thing, [NotNullWhen(false)] out string? fault)
    {
        (thing, fault) = (null, null);
        try
        {
            var read = JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw new JsonException("the file holds null");
            if (read.Schema != Schema)
                throw new JsonException($"its schema is {read.Schema}, this cnid reads {Schema}");
            if (PathOf(read.Id) != path)
                throw new JsonException($"it says it is {read.Id}");
            thing = read;
            return true;
        }
        catch (Exception bad) when (bad is JsonException or NotSupportedException or CniException)
        {
            fault = bad.Message;
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Path} cannot be written ({Reason}); what it should say is done all the same")]
    private partial void NotStored(string path, string reason);

    [LoggerMessage(LogLevel.Error, "{Path} cannot be read ({Reason}) and is kept as {Aside}; what it described may have left something behind")]
    private partial void SetAside(string path, string reason, string aside);
}
