using System.Collections.Concurrent;

namespace DockerDriver.Background;

/// <summary>
/// Work of which one piece may hang: one at a time for an id, a few at once for a group, and groups never wait for each other.
/// </summary>
internal sealed class GroupedWorkQueue
{
    private const int OfOneGroup = 4;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> underWay = new(StringComparer.Ordinal);

    /// <summary>Begins, unless work on that id is under way. What is returned completes when it has ended, with its fault.</summary>
    public Task Start(string id, string group, Func<Task> work)
    {
        lock (underWay)
            return underWay.TryGetValue(id, out var running) ? running : underWay[id] = Task.Run(() => RunAsync(id, group, work));
    }

    private async Task RunAsync(string id, string group, Func<Task> work)
    {
        var place = places.GetOrAdd(group, _ => new(OfOneGroup));
        await place.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            place.Release();
            lock (underWay)
                underWay.Remove(id);
        }
    }
}
