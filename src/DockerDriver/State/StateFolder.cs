using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>
/// One file a thing, in memory as well. A change is on disk before anyone sees it. A file that cannot be read is reported
/// (<see cref="StateFiles"/>): it must not stop the daemon that all other containers need.
/// </summary>
internal sealed partial class StateFolder<T>(string folder, JsonTypeInfo<T> type, ILogger<StateFolder<T>> log) where T : class, IStored
{
    private const UnixFileMode WrittenByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private readonly StateFiles files = new(log);
    private readonly ConcurrentDictionary<string, T> things = new(StringComparer.Ordinal);

    // One writer a thing; others are not kept waiting for its disk, but for one in so many.
    private readonly Lock[] writing = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    public IReadOnlyCollection<T> All => [.. things.Values];

    public T? Find(string id) => things.GetValueOrDefault(id);

    /// <summary>Reads what the last run left. Called once, before anything asks.</summary>
    public void Load()
    {
        DurableFile.MakeFolder(folder);
        DeleteUnfinished();
        CloseToOthers(folder);
        CloseToOthers(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        foreach (var path in StateFiles.In(folder))
        {
            if (files.Read(path, json => Parse(json, path)) is { } thing)
                things[thing.Id] = thing;
        }
    }

    /// <summary>Takes in what somebody else has written since, and says what that is.</summary>
    public IReadOnlyList<T> LoadNew()
    {
        var taken = new List<T>();
        foreach (var path in StateFiles.In(folder))
        {
            if (!things.ContainsKey(Path.GetFileNameWithoutExtension(path)) && TryPeek(path) is { } thing && things.TryAdd(thing.Id, thing))
                taken.Add(thing);
        }
        return taken;
    }

    /// <summary>What is on disk, for a reader beside the daemon: changes nothing, and passes over what it cannot read.</summary>
    public IEnumerable<T> Peek()
    {
        foreach (var path in StateFiles.In(folder))
        {
            if (TryPeek(path) is { } thing)
                yield return thing;
        }
    }

    /// <summary>One of them; null where there is none that can be read.</summary>
    public T? Peek(string id) => TryPeek(PathOf(id));

    public void Save(T thing)
    {
        lock (LockOf(thing.Id))
            Write(thing);
    }

    /// <summary>Stores the next state of a thing, unless it is another by now, or gone. Answers whether it did.</summary>
    public bool Replace(T seen, T next)
    {
        lock (LockOf(seen.Id))
        {
            if (Find(seen.Id) != seen)
                return false;
            Write(next);
            return true;
        }
    }

    /// <summary>
    /// Stores what happens whether it can be stored or not. What goes, goes on a full disk too: its DEL makes room, and is right to repeat
    /// by whoever reads the older file after a crash.
    /// </summary>
    public void SaveBestEffort(T thing)
    {
        lock (LockOf(thing.Id))
        {
            if (!DurableFile.TryWrite(PathOf(thing.Id), JsonSerializer.SerializeToUtf8Bytes(thing, type), out var fault))
                NotStored(PathOf(thing.Id), fault);
            things[thing.Id] = thing;
        }
    }

    public void Remove(string id)
    {
        lock (LockOf(id))
        {
            DurableFile.Delete(PathOf(id));
            things.TryRemove(id, out _);
        }
    }

    private void Write(T thing)
    {
        files.MakeWay(PathOf(thing.Id));
        DurableFile.Write(PathOf(thing.Id), JsonSerializer.SerializeToUtf8Bytes(thing, type));
        things[thing.Id] = thing;
    }

    private Lock LockOf(string id) => writing[(uint)id.GetHashCode(StringComparison.Ordinal) % (uint)writing.Length];

    // What cannot be deleted harms nobody.
    private void DeleteUnfinished()
    {
        try
        {
            DurableFile.DeleteUnfinishedIn(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            NotCleared(folder, fault.Message);
        }
    }

    // An earlier version made folders as wide as its caller's umask let it.
    private static void CloseToOthers(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & WrittenByOthers) != 0 && (mode & UnixFileMode.StickyBit) == 0)
            File.SetUnixFileMode(path, mode & ~WrittenByOthers);
    }

    private T? TryPeek(string path) => StateFiles.Look(path, json => Parse(json, path), out _, out _);

    private string PathOf(string id) => Path.Combine(folder, ContainerId.Parse(id) + ".json");

    private T Parse(JsonElement json, string path)
    {
        var read = json.Deserialize(type) ?? throw new JsonException("the file holds null");
        return Path.GetFileName(path) == read.Id + ".json" ? read : throw new JsonException($"it says it is {read.Id}");
    }

    [LoggerMessage(LogLevel.Warning, "{Path} cannot be written ({Reason}); what it should say is done all the same")]
    private partial void NotStored(string path, string reason);

    [LoggerMessage(LogLevel.Warning, "what a crash left unfinished in {Folder} cannot be deleted: {Reason}; nobody reads it")]
    private partial void NotCleared(string folder, string reason);
}
