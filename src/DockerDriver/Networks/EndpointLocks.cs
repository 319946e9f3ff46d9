namespace DockerDriver.Networks;

/// <summary>One operation at a time for an endpoint; different endpoints never wait for each other.</summary>
internal sealed class EndpointLocks
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public async Task<IDisposable> TakeAsync(string endpoint, CancellationToken cancel)
    {
        Entry entry;
        lock (entries)
        {
            entry = entries.TryGetValue(endpoint, out var known) ? known : entries[endpoint] = new();
            entry.Users++;
        }
        try
        {
            await entry.Gate.WaitAsync(cancel);
        }
        catch
        {
            Forget(endpoint, entry);
            throw;
        }
        return new Held(this, endpoint, entry);
    }

    private void Forget(string endpoint, Entry entry)
    {
        lock (entries)
        {
            if (--entry.Users == 0)
                entries.Remove(endpoint);
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Users { get; set; }
    }

    private sealed class Held(EndpointLocks locks, string endpoint, Entry entry) : IDisposable
    {
        public void Dispose()
        {
            entry.Gate.Release();
            locks.Forget(endpoint, entry);
        }
    }
}
