namespace DockerDriver.NoneNetwork;

/// <summary>
/// Work on containers: different ones at once, one's in order. What is asked for while it is under way is done once more afterwards, not
/// twice.
/// </summary>
/// <param name="work">What is done, by a container's id. It reports its own faults.</param>
internal sealed class ContainerWorkQueue(Func<string, Task> work)
{
    private readonly Dictionary<string, bool> underWay = new(StringComparer.Ordinal); // true: once more
    private readonly HashSet<Task> tasks = [];

    public void Start(string id)
    {
        lock (underWay)
        {
            if (!underWay.TryAdd(id, false))
            {
                underWay[id] = true;
                return;
            }
            var task = Task.Run(() => RunAsync(id));
            tasks.Add(task);
            task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Completes when all that has been started is done.</summary>
    public Task WhenIdleAsync()
    {
        lock (underWay)
            return Task.WhenAll(tasks);
    }

    private async Task RunAsync(string id)
    {
        do
            await work(id).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // one that failed is not to be the container's last
        while (IsWantedAgain(id));
    }

    private bool IsWantedAgain(string id)
    {
        lock (underWay)
        {
            if (underWay[id])
                return !(underWay[id] = false);
            underWay.Remove(id);
            return false;
        }
    }

    private void Forget(Task task)
    {
        lock (underWay)
            tasks.Remove(task);
    }
}
