namespace DockerDriver.Background;

/// <summary>Wakes a loop that would otherwise wait for its next pass.</summary>
internal class Signal : IDisposable
{
    private readonly SemaphoreSlim told = new(0);

    public void Tell() => told.Release();

    /// <summary>Returns at the next signal, or when the time is over. Those that have come meanwhile count once.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancel)
    {
        var wasTold = await told.WaitAsync(longest, cancel);
        while (told.Wait(0, cancel))
        {
        }
        return wasTold;
    }

    public void Dispose()
    {
        told.Dispose();
        GC.SuppressFinalize(this);
    }
}
