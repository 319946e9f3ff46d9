namespace EndToEnd.Soak;

/// <summary>
/// Networks are removed by many at a time, but never while the engine ends: Docker 20.10 that is killed between releasing a network's
/// subnet and forgetting the network panics at each start from then on (libnetwork controller.go, reservePools), whatever the driver.
/// </summary>
internal sealed class NetworkRemovals : IDisposable
{
    private const int AtOnce = 16;
    private readonly SemaphoreSlim free = new(AtOnce);

    /// <summary>Runs the removal of a network, when the engine is not ending.</summary>
    public Task<T> RemoveAsync<T>(Func<Task<T>> remove) => RunAsync(1, remove);

    /// <summary>Ends the engine, when nobody removes a network.</summary>
    public Task<T> EndEngineAsync<T>(Func<Task<T>> end) => RunAsync(AtOnce, end);

    public void Dispose() => free.Dispose();

    private async Task<T> RunAsync<T>(int places, Func<Task<T>> work)
    {
        for (var taken = 0; taken < places; taken++)
            await free.WaitAsync();
        try
        {
            return await work();
        }
        finally
        {
            free.Release(places);
        }
    }
}
