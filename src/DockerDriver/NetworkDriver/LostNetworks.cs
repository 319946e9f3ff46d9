using System.Collections.Concurrent;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Networks that Docker has of this driver and cnid does not know: its state was lost. They are rebuilt from what Docker has kept; this
/// is what is said of them until then, in refusals and in readiness.
/// </summary>
internal sealed class LostNetworks(Settings settings) : IReadinessCheck
{
    private readonly ConcurrentDictionary<string, (string Name, string Reason)> faults = new(StringComparer.Ordinal);
    private volatile bool hasLooked;

    public string Name => "lost networks";

    public Task<string?> NotReadyReasonAsync(CancellationToken cancel) =>
        Task.FromResult(faults.IsEmpty
            ? null
            : string.Join("; ", faults.Select(fault =>
                $"{fault.Value.Name} ({ShortId.Of(fault.Key)}) cannot be rebuilt: {fault.Value.Reason}")));

    /// <summary>An engine has started: what it has is not known yet.</summary>
    public void LookAgain() => hasLooked = false;

    /// <summary>All that the engine has was looked at; these could not be rebuilt, by id.</summary>
    public void Looked(IReadOnlyDictionary<string, (string Name, string Reason)> failed)
    {
        foreach (var id in faults.Keys.Where(id => !failed.ContainsKey(id)))
            faults.TryRemove(id, out _);
        foreach (var (id, fault) in failed)
            faults[id] = fault;
        hasLooked = true;
    }

    /// <summary>Whether that is why it could not be rebuilt before as well.</summary>
    public bool IsKnown(string id, string reason) => faults.TryGetValue(id, out var fault) && fault.Reason == reason;

    /// <summary>What a call for a network that is not known is told: why, and the way out.</summary>
    public RefusedException Refusal(string id)
    {
        if (faults.TryGetValue(id, out var fault))
            return new($"the network {fault.Name} is not known to cnid, whose state was lost, and cannot be rebuilt: {fault.Reason}. "
                + $"Fix that: it is tried again every few seconds. "
                + $"Or make it anew: docker network disconnect -f {fault.Name} CONTAINER for each of its containers, "
                + $"docker network rm {fault.Name}, docker network create …, docker network connect {fault.Name} CONTAINER, docker start "
                    + "CONTAINER");
        return new(hasLooked
            ? $"the network {ShortId.Of(id)} is not known to cnid, and Docker at {settings.DockerHost} does not have it: "
                + "is that the engine which uses this driver (setting docker-host)?"
            : $"the network {ShortId.Of(id)} is not known to cnid, whose state was lost. "
                + "It is rebuilt from what Docker has kept as soon as Docker answers: start the container then");
    }
}
