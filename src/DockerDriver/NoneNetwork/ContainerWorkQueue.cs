using DockerDriver.Background;
using DockerDriver.Logging;

namespace DockerDriver.NoneNetwork;

/// <summary>
/// Runs work on containers: concurrently for different containers, in order for one. Requests during a run cause one more run.
/// </summary>
/// <param name="work">The work for a container's id. It reports its own failures.</param>
internal sealed class ContainerWorkQueue(Func<string, Task> work)
{
    private readonly Dictionary<string, bool> pending = new(StringComparer.Ordinal); // true: run once more
    private readonly HashSet<Task> tasks = [];

    public void Start(string id)
    {
        lock (pending)
        {
            if (!pending.TryAdd(id, false))
            {
                pending[id] = true;
                return;
            }
            var task = Task.Run(() => RunAsync(id));
            tasks.Add(task);
            task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Completes when all started work is done.</summary>
    public Task WhenIdleAsync()
    {
        lock (pending)
            return Task.WhenAll(tasks);
    }

    private async Task RunAsync(string id)
    {
        CurrentWork.Begin($"work on the container {ShortId.Of(id)}"); // each is one of its own, for who waits for whom
        do
            await work(id).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a failure must not prevent the next run
        while (ShouldRunAgain(id));
    }

    private bool ShouldRunAgain(string id)
    {
        lock (pending)
        {
            if (pending[id])
                return !(pending[id] = false);
            pending.Remove(id);
            return false;
        }
    }

    private void Forget(Task task)
    {
        lock (pending)
            tasks.Remove(task);
    }
}
