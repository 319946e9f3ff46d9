namespace DockerDriver.Hosting;

/// <summary>One operation at a time for a key, such as an endpoint, a container or a list; different ones never wait for each other.</summary>
internal sealed class KeyedLocks
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public async Task<IDisposable> TakeAsync(string key, CancellationToken cancel)
    {
        Entry entry;
        lock (entries)
        {
            entry = entries.TryGetValue(key, out var known) ? known : entries[key] = new();
            entry.Users++;
        }
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
