namespace DockerDriver.Background;

/// <summary>Exclusive locks by key, such as an endpoint's, a container's or a list's. Different keys never wait for each other.</summary>
internal sealed class KeyedLocks
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public async Task<IDisposable> TakeAsync(string key, CancellationToken cancel)
    {
        var entry = Use(key);
        try
        {
            await entry.Gate.WaitAsync(cancel);
        }
        catch
        {
            Forget(key, entry);
            throw;
        }
        return new Held(this, key, entry);
    }

    /// <summary>Takes the lock if it is free; null where it is not.</summary>
    public IDisposable? TryTake(string key)
    {
        var entry = Use(key);
        if (entry.Gate.Wait(TimeSpan.Zero))
            return new Held(this, key, entry);
        Forget(key, entry);
        return null;
    }

    private Entry Use(string key)
    {
        lock (entries)
        {
            var entry = entries.TryGetValue(key, out var known) ? known : entries[key] = new();
            entry.Users++;
            return entry;
        }
    }

    private void Forget(string key, Entry entry)
    {
        lock (entries)
        {
            if (--entry.Users == 0)
                entries.Remove(key);
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Users { get; set; }
    }

    private sealed class Held(KeyedLocks locks, string key, Entry entry) : IDisposable
    {
        public void Dispose()
        {
            entry.Gate.Release();
            locks.Forget(key, entry);
        }
    }
}
