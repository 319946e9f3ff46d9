using System.Collections.Concurrent;

namespace DockerDriver.Background;

/// <summary>
/// Runs work of which a piece may hang: one at a time per id, a limited number per group. Groups never wait for each other.
/// </summary>
internal sealed class GroupedWorkQueue
{
    private const int GroupLimit = 4;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> running = new(StringComparer.Ordinal);

    /// <summary>Starts the work unless work of that id is running. The task completes with its result.</summary>
    public Task Start(string id, string group, Func<Task> work)
    {
        lock (running)
            return running.TryGetValue(id, out var task) ? task : running[id] = Task.Run(() => RunAsync(id, group, work));
    }

    private async Task RunAsync(string id, string group, Func<Task> work)
    {
        CurrentWork.Begin($"background work of {group}");
        var place = places.GetOrAdd(group, _ => new(GroupLimit));
        await place.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            place.Release();
            lock (running)
                running.Remove(id);
        }
    }
}
