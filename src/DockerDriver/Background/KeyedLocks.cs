namespace DockerDriver.Background;

/// <summary>
/// Exclusive locks by key, such as an endpoint's, a container's or a list's. Different keys never wait for each other. They know who has a
/// lock, and who waits for it.
/// </summary>
internal sealed class KeyedLocks(TimeProvider clock)
{
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public async Task<IDisposable> TakeAsync(string key, CancellationToken cancel)
    {
        var (entry, wait) = Use(key);
        try
        {
            await entry.Gate.WaitAsync(cancel);
        }
        catch
        {
            Forget(entry, wait);
            throw;
        }
        return Taken(entry, wait);
    }

    /// <summary>Takes the lock if it is free; null where it is not.</summary>
    public IDisposable? TryTake(string key)
    {
        var (entry, wait) = Use(key);
        if (entry.Gate.Wait(TimeSpan.Zero))
            return Taken(entry, wait);
        Forget(entry, wait);
        return null;
    }

    /// <summary>Every lock that somebody has, with those who wait for it, first come first.</summary>
    public IReadOnlyList<(LockUse Holder, IReadOnlyList<LockUse> Waits)> Uses()
    {
        lock (entries)
            return [.. entries.Values.Where(entry => entry.Holder is not null)
                .Select(entry => (entry.Holder!, (IReadOnlyList<LockUse>)[.. entry.Waits]))];
    }

    private (Entry Entry, LockUse Wait) Use(string key)
    {
        var wait = new LockUse(key, CurrentWork.Here, clock.GetTimestamp());
        lock (entries)
        {
            var entry = entries.TryGetValue(key, out var known) ? known : entries[key] = new();
            entry.Waits.Add(wait);
            return (entry, wait);
        }
    }

    private Held Taken(Entry entry, LockUse wait)
    {
        lock (entries)
        {
            entry.Waits.Remove(wait);
            entry.Holder = wait with { Since = clock.GetTimestamp() };
            return new(this, entry, entry.Holder);
        }
    }

    private void Release(Entry entry, LockUse holder)
    {
        lock (entries)
        {
            entry.Holder = null;
            entry.Gate.Release();
            RemoveIfUnused(entry, holder.Key);
        }
    }

    private void Forget(Entry entry, LockUse wait)
    {
        lock (entries)
        {
            entry.Waits.Remove(wait);
            RemoveIfUnused(entry, wait.Key);
        }
    }

    private void RemoveIfUnused(Entry entry, string key)
    {
        if (entry is { Holder: null, Waits.Count: 0 })
            entries.Remove(key);
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public LockUse? Holder { get; set; }

        public List<LockUse> Waits { get; } = [];
    }

    private sealed class Held(KeyedLocks locks, Entry entry, LockUse holder) : IDisposable
    {
        public void Dispose() => locks.Release(entry, holder);
    }
}
