using DockerDriver.Background;
using DockerDriver.State;

namespace DockerDriver.Starts;

/// <summary>
/// The container starts that failed because of a network, on disk before Docker gets the refusal. A refusal is recorded here, and its
/// reason is marked with the record's id, by which the container is found later.
/// </summary>
internal sealed class FailedStarts(StateFolder<StoredStart> starts, Boot boot, TimeProvider clock)
{
    // Refusals of a first docker run are dropped within seconds; a program that repeats them must not fill the disk.
    private const int MaxStarts = 1000;

    public IReadOnlyCollection<StoredStart> All => starts.All;

    /// <summary>Loads the records at start. Called once.</summary>
    public void Restore() => starts.Load();

    /// <summary>Loads the records that hooks have written while the daemon did not answer.</summary>
    public void LoadNew()
    {
        foreach (var start in starts.LoadNew())
            starts.SaveBestEffort(start with { FailedAt = clock.GetUtcNow() }); // the clock may have been set since the hook read it
    }

    /// <summary>Records a refusal.</summary>
    /// <param name="reason">Why the start is refused.</param>
    /// <returns>The reason with the mark, for the container's <c>State.Error</c>.</returns>
    public string Record(string reason)
    {
        if (starts.All.Count >= MaxStarts)
            return reason;
        var start = New(reason);
        starts.SaveBestEffort(start);
        return start.MarkedReason;
    }

    /// <summary>Records that cnid is about to stop a container. Earlier tries are counted on.</summary>
    public void RecordStop(StoredContainer container, string fingerprint, bool isForNextBoot)
    {
        var earlier = Of(container.Id);
        if (earlier?.Fingerprint == fingerprint)
            return; // repeated call
        starts.SaveBestEffort((earlier ?? New("")) with
        {
            Reason = container.Fault ?? "",
            FailedAt = clock.GetUtcNow(),
            Boot = boot.Id,
            Container = container.Id,
            Name = container.Name,
            WasStopped = true,
            Fingerprint = fingerprint,
            IsForNextBoot = isForNextBoot && earlier is null,
            Tries = earlier is null ? 0 : earlier.Tries + 1,
            NextTry = clock.GetUtcNow() + BackOff.OfStart.After(earlier is null ? 1 : earlier.Tries + 2),
        });
    }

    /// <summary>The record of a container; null for none.</summary>
    public StoredStart? Of(string container) => starts.All.FirstOrDefault(start => start.Container == container);

    public void Save(StoredStart start) => starts.SaveBestEffort(start);

    public void Remove(StoredStart start) => starts.Remove(start.Id);

    /// <summary>The container is attached, or does not exist any more: no retry is needed.</summary>
    public void Forget(string container)
    {
        foreach (var start in starts.All.Where(start => start.Container == container))
            starts.Remove(start.Id);
    }

    /// <summary>Removes the records of the containers with that name or id, or with an id that begins with it.</summary>
    /// <returns>The containers' names.</returns>
    public IReadOnlyList<string> End(string id)
    {
        List<StoredStart> ended = [.. starts.All.Where(start => start.IsOf(id))];
        foreach (var start in ended)
            starts.Remove(start.Id);
        return [.. ended.Select(start => start.Name)];
    }

    private StoredStart New(string reason) => StoredStart.New(reason, clock.GetUtcNow()) with { Boot = boot.Id };
}
