using System.Collections.Concurrent;
using System.Globalization;
using DockerDriver.Engine;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>
/// The containers that needed no change when they were last reconciled. Inspecting each of them again would cost the engine milliseconds
/// each: its listing, the record and the kernel tell whether one has changed.
/// </summary>
/// <param name="isAttached">Whether the record matches the running container's netns.</param>
internal sealed class ReconciledContainers(Func<StoredContainer, StartingContainer, bool> isAttached)
{
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>It was reconciled, and needs no change.</summary>
    /// <param name="seen">The engine's description.</param>
    /// <param name="stored">Its current record.</param>
    public void Remember(EngineContainer seen, StoredContainer stored)
    {
        if (stored.NextTry is null && stored.Phase == (seen.Pid > 0 ? ContainerPhase.Attached : ContainerPhase.Detached))
            entries[seen.Id] = new(seen.Name, seen.Pid, stored);
        else
            Forget(seen.Id);
    }

    public void Forget(string id) => entries.TryRemove(id, out _);

    /// <summary>Whether it is unchanged since.</summary>
    /// <param name="listed">The engine's listing of it.</param>
    /// <param name="stored">Its record; null for none.</param>
    public bool Contains(EngineContainer listed, StoredContainer? stored)
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
