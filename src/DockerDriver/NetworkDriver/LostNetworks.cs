using System.Collections.Concurrent;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Networks that Docker has for this driver and cnid does not know, because its state was lost. They are rebuilt from the engine's
/// description; until then, this class provides the refusals and the readiness message.
/// </summary>
internal sealed class LostNetworks(Settings settings) : IReadinessCheck
{
    private readonly ConcurrentDictionary<string, (string Name, string Reason)> faults = new(StringComparer.Ordinal);
    private volatile bool isChecked;

    public string Name => "lost networks";

    public Task<string?> NotReadyReasonAsync(CancellationToken cancel) =>
        Task.FromResult(faults.IsEmpty
            ? null
            : string.Join("; ", faults.Select(fault =>
                $"{fault.Value.Name} ({ShortId.Of(fault.Key)}) cannot be rebuilt: {fault.Value.Reason}")));

    /// <summary>An engine has started: its networks are not known yet.</summary>
    public void Invalidate() => isChecked = false;

    /// <summary>The engine's networks have been compared; these, by id, could not be rebuilt.</summary>
    public void SetFailed(IReadOnlyDictionary<string, (string Name, string Reason)> failed)
    {
        foreach (var id in faults.Keys.Where(id => !failed.ContainsKey(id)))
            faults.TryRemove(id, out _);
        foreach (var (id, fault) in failed)
            faults[id] = fault;
        isChecked = true;
    }

    /// <summary>Whether the last rebuild failed for the same reason.</summary>
    public bool IsKnown(string id, string reason) => faults.TryGetValue(id, out var fault) && fault.Reason == reason;

    /// <summary>The error for a call that names an unknown network, with a solution.</summary>
    public RefusedException RefusalFor(string id)
    {
        if (faults.TryGetValue(id, out var fault))
            return new($"the network {fault.Name} is unknown to cnid, whose state was lost, and cannot be rebuilt: {fault.Reason}. "
                + $"Fix this: the rebuild is retried every few seconds. "
                + $"Or recreate it: docker network disconnect -f {fault.Name} CONTAINER for each of its containers, "
                + $"docker network rm {fault.Name}, docker network create …, docker network connect {fault.Name} CONTAINER, docker start "
                    + "CONTAINER");
        return new(isChecked
            ? $"the network {ShortId.Of(id)} is unknown to cnid, and Docker at {settings.DockerHost} does not have it: "
                + "is that the engine which uses this driver (setting docker-host)?"
            : $"the network {ShortId.Of(id)} is unknown to cnid, whose state was lost. "
                + "It is rebuilt when Docker answers: start the container then");
    }
}
