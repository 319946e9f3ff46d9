using System.Collections;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>
/// A folder of records, one file each, and a copy of them in memory. A change is on disk before a reader sees it. An unreadable file is
/// reported and set aside (<see cref="StateFiles"/>); it does not stop the daemon.
/// </summary>
internal sealed partial class StateFolder<T>(string folder, JsonTypeInfo<T> type, ILogger<StateFolder<T>> log) where T : class, IStored
{
    private readonly StateFiles files = new(log);
    private readonly ConcurrentDictionary<string, T> records = new(StringComparer.Ordinal);

    // Locks, by a hash of the id: writers of one record exclude each other; writers of different records rarely do.
    private readonly Lock[] writing = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    public IReadOnlyCollection<T> All => [.. records.Values];

    public T? Find(string id) => records.GetValueOrDefault(id);

    /// <summary>Reads the folder at start, before any other call.</summary>
    public void Load()
    {
        DurableFile.MakeFolder(folder);
        DeleteUnfinished();
        foreach (var path in StateFiles.In(folder))
        {
            if (files.Read(path, json => Parse(json, path)) is { } record)
                records[record.Id] = record;
        }
    }

    /// <summary>Loads the records that another process has written since, and returns them.</summary>
    public IReadOnlyList<T> LoadNew()
    {
        var loaded = new List<T>();
        foreach (var path in StateFiles.In(folder))
        {
            if (!records.ContainsKey(Path.GetFileNameWithoutExtension(path)) && TryPeek(path) is { } record
                && records.TryAdd(record.Id, record))
                loaded.Add(record);
        }
        return loaded;
    }

    /// <summary>Reads the folder without changing it, for a process other than the daemon. Skips unreadable files.</summary>
    public IEnumerable<T> Peek()
    {
        foreach (var path in StateFiles.In(folder))
        {
            if (TryPeek(path) is { } record)
                yield return record;
        }
    }

    /// <summary>Reads one record without changing the folder; null where it is missing or unreadable.</summary>
    public T? Peek(string id) => TryPeek(PathOf(id));

    public void Save(T record)
    {
        lock (LockOf(record.Id))
            Write(record);
    }

    /// <summary>Stores <paramref name="next"/> if the record is still <paramref name="seen"/>. Returns whether it did.</summary>
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
    /// Stores the record in memory, and on disk if the disk can be written. For records that are being torn down: a full disk must not
    /// prevent a DEL. DEL is idempotent, so that an older file is harmless after a crash.
    /// </summary>
    public void SaveBestEffort(T record)
    {
        lock (LockOf(record.Id))
        {
            if (!DurableFile.TryWrite(PathOf(record.Id), JsonSerializer.SerializeToUtf8Bytes(record, type), out var fault))
                NotStored(PathOf(record.Id), fault);
            records[record.Id] = record;
        }
    }

    public void Remove(string id)
    {
        lock (LockOf(id))
        {
            DurableFile.Delete(PathOf(id));
            records.TryRemove(id, out _);
        }
    }

    private void Write(T record)
    {
        files.MakeWay(PathOf(record.Id));
        DurableFile.Write(PathOf(record.Id), JsonSerializer.SerializeToUtf8Bytes(record, type));
        records[record.Id] = record;
    }

    private Lock LockOf(string id) => writing[(uint)id.GetHashCode(StringComparison.Ordinal) % (uint)writing.Length];

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

    private T? TryPeek(string path) => StateFiles.Look(path, json => Parse(json, path), out _, out _);

    private string PathOf(string id) => Path.Combine(folder, ContainerId.Parse(id) + ".json");

    private T Parse(JsonElement json, string path)
    {
        var read = json.Deserialize(type) ?? throw new JsonException("the file holds null");
        RefuseNull(read, type);
        read.Check();
        return Path.GetFileName(path) == read.Id + ".json" ? read : throw new JsonException($"it says it is {read.Id}");
    }

    private static bool IsStored(JsonPropertyInfo property) =>
        property.Get is not null && (property.Set is not null || property.AssociatedParameter is not null);

    // The serializer lets null pass in constructors' parameters that the file lacks, and within lists.
    private static void RefuseNull(object value, JsonTypeInfo type)
    {
        foreach (var property in type.Kind == JsonTypeInfoKind.Object ? type.Properties.Where(IsStored) : [])
        {
            if (property.Get!(value) is { } of)
                RefuseNull(of, type.Options.GetTypeInfo(property.PropertyType));
            else if (!property.IsGetNullable)
                throw new JsonException($"it has no {property.Name}");
        }
        foreach (var item in type.Kind == JsonTypeInfoKind.Enumerable ? (IEnumerable)value : Array.Empty<object>())
            RefuseNull(item ?? throw new JsonException("it has null in a list"), type.Options.GetTypeInfo(type.ElementType!));
        if (value is IEnumerable<KeyValuePair<string, string?>> texts && texts.Any(text => text.Value is null))
            throw new JsonException("it has null in place of a text");
    }

    [LoggerMessage(LogLevel.Warning, "{Path} cannot be written ({Reason}); cnid continues with the state in memory")]
    private partial void NotStored(string path, string reason);

    [LoggerMessage(LogLevel.Warning, "the unfinished files of a crash in {Folder} cannot be deleted: {Reason}; they are not read")]
    private partial void NotCleared(string folder, string reason);
}
