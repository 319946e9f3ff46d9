using System.Collections.Concurrent;
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

    public void Save(T thing)
    {
        DurableFile.Write(PathOf(thing.Id), JsonSerializer.SerializeToUtf8Bytes(thing, type));
        things[thing.Id] = thing;
    }

    public void Remove(string id)
    {
        DurableFile.Delete(PathOf(id));
        things.TryRemove(id, out _);
    }

    private string PathOf(string id) => Path.Combine(folder, ContainerId.Parse(id) + ".json");

    private T? Read(string path)
    {
        try
        {
            var thing = JsonSerializer.Deserialize(File.ReadAllBytes(path), type) ?? throw new JsonException("the file holds null");
            if (thing.Schema != Schema)
                throw new JsonException($"its schema is {thing.Schema}, this cnid reads {Schema}");
            if (PathOf(thing.Id) != path)
                throw new JsonException($"it says it is {thing.Id}");
            return thing;
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException or CniException)
        {
            var aside = path + ".corrupt";
            File.Move(path, aside, overwrite: true);
            SetAside(path, fault.Message, aside);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "{Path} cannot be read ({Reason}) and is kept as {Aside}; what it described may have left something behind")]
    private partial void SetAside(string path, string reason, string aside);
}
