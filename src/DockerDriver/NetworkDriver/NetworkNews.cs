namespace DockerDriver.NetworkDriver;

/// <summary>Wakes whoever compares networks with the engine's: one was created, or an engine has started.</summary>
internal sealed class NetworkNews : IDisposable
{
    private readonly SemaphoreSlim news = new(0);

    public void Tell() => news.Release();

    /// <summary>Returns at the next news, or when the time is over. What has come meanwhile counts once.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancel)
    {
        await news.WaitAsync(longest, cancel);
        while (news.Wait(0, cancel))
        {
        }
    }

    public void Dispose() => news.Dispose();
}
