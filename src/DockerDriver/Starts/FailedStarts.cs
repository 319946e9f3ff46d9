using DockerDriver.Background;
using DockerDriver.State;

namespace DockerDriver.Starts;

/// <summary>
/// The starts that failed for want of a network, on disk before Docker hears of it. Who refuses a start marks its reason here; who starts
/// containers again finds it by the mark.
/// </summary>
internal sealed class FailedStarts(StateFolder<StoredStart> starts, Boot boot, TimeProvider clock)
{
    // Refusals of a first `docker run` are dropped within seconds; a program that runs many in vain is not to fill the disk.
    private const int Most = 1000;

    public IReadOnlyCollection<StoredStart> All => starts.All;

    /// <summary>Reads what the last run left. Called once, before anything asks.</summary>
    public void Restore() => starts.Load();

    /// <summary>Reads what a container's hook has written, which this daemon has not answered.</summary>
    public void TakeIn()
    {
        foreach (var start in starts.LoadNew())
            starts.SaveBestEffort(start with { FailedAt = clock.GetUtcNow() }); // the clock may have been set since the hook read it
    }

    /// <summary>Remembers a refusal.</summary>
    /// <param name="reason">What is wrong.</param>
    /// <returns>The reason with the mark, which is to reach the container's <c>State.Error</c>.</returns>
    public string Mark(string reason)
    {
        if (starts.All.Count >= Most)
            return reason;
        var start = New(reason);
        starts.SaveBestEffort(start);
        return start.MarkedReason;
    }

    /// <summary>Remembers that cnid is about to stop a container. Its earlier tries count on.</summary>
    public void Stopping(StoredContainer container, string fingerprint, bool isForNextBoot)
    {
        var earlier = Of(container.Id);
        if (earlier?.Fingerprint == fingerprint)
            return; // it is being stopped already
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

    /// <summary>That of a container; null where it has none.</summary>
    public StoredStart? Of(string container) => starts.All.FirstOrDefault(start => start.Container == container);

    public void Save(StoredStart start) => starts.SaveBestEffort(start);

    public void Remove(StoredStart start) => starts.Remove(start.Id);

    /// <summary>The container runs with its networks, or is gone: nothing is to be started again.</summary>
    public void Forget(string container)
    {
        foreach (var start in starts.All.Where(start => start.Container == container))
            starts.Remove(start.Id);
    }

    /// <summary>The same for those of that name, or id, or whose id begins so.</summary>
    /// <returns>Their names.</returns>
    public IReadOnlyList<string> End(string id)
    {
        List<StoredStart> ended = [.. starts.All.Where(start => start.IsOf(id))];
        foreach (var start in ended)
            starts.Remove(start.Id);
        return [.. ended.Select(start => start.Name)];
    }

    private StoredStart New(string reason) => StoredStart.New(reason, clock.GetUtcNow()) with { Boot = boot.Id };
}
