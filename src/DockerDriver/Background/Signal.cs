namespace DockerDriver.Background;

/// <summary>Wakes a loop that waits for its next pass.</summary>
internal class Signal : IDisposable
{
    private readonly SemaphoreSlim signals = new(0);

    public void Set() => signals.Release();

    /// <summary>Completes at the next signal, or after the time. Several pending signals count as one.</summary>
    /// <returns>Whether there was a signal.</returns>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancel)
    {
        var isSet = await signals.WaitAsync(timeout, cancel);
        while (signals.Wait(0, cancel))
        {
        }
        return isSet;
    }

    public void Dispose()
    {
        signals.Dispose();
        GC.SuppressFinalize(this);
    }
}
