using Docker.DotNet.Models;
using DockerDriver.Engine.Files;

namespace DockerDriver.Engine;

/// <summary>A container as the engine describes it.</summary>
/// <param name="Labels">All of them; after the image has been checked, without the labels <c>cni.…</c> that have no effect.</param>
/// <param name="NetworkMode"><c>none</c>, or a mode that cnid's labels do not apply to.</param>
/// <param name="Folder">Docker's folder of the container, with its resolv.conf and hosts.</param>
internal sealed record EngineContainer(
    string Id, string Name, IReadOnlyDictionary<string, string> Labels, string NetworkMode, string Folder)
{
    /// <summary>Its first process; 0 where none runs, or where it is unknown.</summary>
    public int Pid { get; init; }

    /// <summary>The engine's state, such as <c>running</c>, where it was listed; empty where it was inspected.</summary>
    public string State { get; init; } = "";

    /// <summary>The id of its image; empty where unknown.</summary>
    public string Image { get; init; } = "";

    /// <summary>The image's labels have been removed.</summary>
    public bool IsImageChecked { get; init; }

    /// <summary>Why the image's labels cannot be determined; null where they can.</summary>
    public string? ImageFault { get; init; }

    /// <summary>The time of its last start, as Docker writes it: identifies the start.</summary>
    public string StartedAt { get; init; } = "";

    /// <summary>Its last start, restart policy and networks: changes when it is started or changed.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Whether it is to be restarted: it has a restart policy, and no other manager.</summary>
    public bool HasPolicy { get; init; }

    /// <summary>Whether that policy is <c>unless-stopped</c>: the engine does not start it at boot after it was stopped.</summary>
    public bool IsUnlessStopped { get; init; }

    /// <summary>Why its last start failed; empty where it did not.</summary>
    public string Error { get; init; } = "";

    /// <summary>Whether it is stopped, and has run before.</summary>
    public bool HasExited { get; init; }

    /// <summary>
    /// The network that it was created for, where the engine has disconnected it from all: from 29 on, after a start that failed late (moby
    /// daemon/container_operations.go, connectToNetwork). Null otherwise.
    /// </summary>
    public string? LostNetwork { get; init; }

    /// <summary>The ports of <c>-p</c> and <c>-P</c>, in the form of <c>cni.ports</c>; null where unknown.</summary>
    public IReadOnlyList<string>? Published { get; init; }

    /// <summary>The keywords of resolv.conf that its user set.</summary>
    public IReadOnlyList<string> UserDns { get; init; } = [];

    /// <summary>From a listing, which does not wait for starting containers and has no process id.</summary>
    public static EngineContainer Of(ContainerListResponse listed, string folder) =>
        new(listed.ID, NameOf(listed.Names) ?? "", Copy(listed.Labels), listed.HostConfig?.NetworkMode ?? "", folder)
        {
            Image = listed.ImageID ?? "",
            State = listed.State ?? "",
        };

    /// <summary>From an inspection.</summary>
    public static EngineContainer Of(ContainerInspectResponse seen, string folder)
    {
        var runs = seen.State is { Running: true, Restarting: false }; // a container that waits for its restart is reported as running
        return new(seen.ID, (seen.Name ?? "").TrimStart('/'), Copy(seen.Config?.Labels), seen.HostConfig?.NetworkMode ?? "", folder)
        {
            Pid = runs ? (int)seen.State!.Pid : 0,
            StartedAt = seen.State?.StartedAt ?? "",
            Fingerprint = FingerprintOf(seen),
            HasPolicy = ShouldBeRestarted(seen),
            IsUnlessStopped = seen.HostConfig?.RestartPolicy?.Name == RestartPolicyKind.UnlessStopped,
            Error = seen.State?.Error ?? "",
            HasExited = seen.State is { Running: false, Restarting: false, Paused: false, Dead: false, Status: "exited" },
            Image = seen.Image ?? "",
            LostNetwork = LostNetworkOf(seen),
            Published = PublishedBy(seen),
            UserDns = [.. ChosenDns(seen.HostConfig)],
        };
    }

    /// <summary>A container's name; null where it has none. A link adds a second name that contains the other container's.</summary>
    public static string? NameOf(IEnumerable<string>? names) =>
        names?.Select(name => name.TrimStart('/')).FirstOrDefault(name => !name.Contains('/', StringComparison.Ordinal));

    private static Dictionary<string, string> Copy(IDictionary<string, string>? labels) => new(labels ?? new Dictionary<string, string>());

    private static string? LostNetworkOf(ContainerInspectResponse seen) =>
        seen.NetworkSettings?.Networks is { Count: 0 } && seen.HostConfig?.NetworkMode is { Length: > 0 } mode and not ("none" or "host")
            && !mode.StartsWith("container:", StringComparison.Ordinal) ? mode : null;

    private static IReadOnlyList<string> PublishedBy(ContainerInspectResponse seen) => PublishedPorts.Of(
        (seen.HostConfig?.PortBindings ?? new Dictionary<string, IList<PortBinding>>())
            .Select(mapping =>
                KeyValuePair.Create(mapping.Key, (mapping.Value ?? [])
                    .Select(binding => ((string?)binding.HostIP, (string?)binding.HostPort)))),
        seen.HostConfig?.PublishAllPorts == true ? seen.Config?.ExposedPorts?.Keys ?? [] : []);

    private static string FingerprintOf(ContainerInspectResponse seen)
    {
        IEnumerable<string> networks = seen.NetworkSettings?.Networks?.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>();
        return string.Join(' ', [seen.State?.StartedAt, seen.HostConfig?.RestartPolicy?.Name.ToString(), .. networks]);
    }

    // Swarm starts its tasks itself, and a container with --rm must not come back.
    private static bool ShouldBeRestarted(ContainerInspectResponse seen) => seen.HostConfig is { AutoRemove: false }
        && seen.HostConfig.RestartPolicy?.Name is RestartPolicyKind.Always or RestartPolicyKind.UnlessStopped or RestartPolicyKind.OnFailure
        && seen.Config?.Labels?.Keys.Any(key => key.StartsWith("com.docker.swarm.", StringComparison.Ordinal)) != true;

    private static IEnumerable<string> ChosenDns(HostConfig? host)
    {
        if (host?.DNS?.Count > 0)
            yield return ResolvConf.NameServer;
        if (host?.DNSSearch?.Count > 0)
            yield return ResolvConf.Search;
        if (host?.DNSOptions?.Count > 0)
            yield return ResolvConf.Options;
    }
}
