using System.Collections.Concurrent;
using System.Globalization;
using DockerDriver.Engine;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>
/// The containers that were what they should be when they were last looked at. To ask the engine about each of them again and again costs
/// it milliseconds each: the list that it gives at once, our own record and the kernel tell whether anything has changed.
/// </summary>
/// <param name="isAttached">Whether what is recorded is in the namespace of the running container.</param>
internal sealed class ReconciledContainers(Func<StoredContainer, StartingContainer, bool> isAttached)
{
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>It was looked at, and nothing is left to do.</summary>
    /// <param name="seen">What the engine said of it.</param>
    /// <param name="stored">Our record of it now.</param>
    public void Note(EngineContainer seen, StoredContainer stored)
    {
        if (stored.NextTry is null && stored.Phase == (seen.Pid > 0 ? ContainerPhase.Attached : ContainerPhase.Detached))
            entries[seen.Id] = new(seen.Name, seen.Pid, stored);
        else
            Forget(seen.Id);
    }

    public void Forget(string id) => entries.TryRemove(id, out _);

    /// <summary>Whether it is still as it was then.</summary>
    /// <param name="listed">What the engine's list says of it.</param>
    /// <param name="stored">Our record of it; null for none.</param>
    public bool Has(EngineContainer listed, StoredContainer? stored)
    {
        if (stored is null || !entries.TryGetValue(listed.Id, out var entry) || !ReferenceEquals(stored, entry.Stored)
            || listed.Name != entry.Name)
            return false;
        return entry.Pid > 0
            ? listed.State is "running" or "paused"
                && isAttached(stored, new(listed.Id, string.Create(CultureInfo.InvariantCulture, $"/proc/{entry.Pid}/ns/net"), entry.Pid))
            : listed.State is "exited" or "created" or "dead";
    }

    private sealed record Entry(string Name, int Pid, StoredContainer Stored);
}
