using Docker.DotNet.Models;
using DockerDriver.Engine.Files;

namespace DockerDriver.Engine;

/// <summary>A container as the engine describes it.</summary>
/// <param name="Labels">All of them; once its image has been looked at, without those <c>cni.…</c> that do not count.</param>
/// <param name="NetworkMode"><c>none</c>, or what is not ours.</param>
/// <param name="Folder">Docker's folder for it, which has its resolv.conf and hosts.</param>
internal sealed record EngineContainer(
    string Id, string Name, IReadOnlyDictionary<string, string> Labels, string NetworkMode, string Folder)
{
    /// <summary>Its first process; 0 where none runs, and where it was not asked for.</summary>
    public int Pid { get; init; }

    /// <summary>The engine's word for what it does, such as <c>running</c>, where it was listed; empty where it was inspected.</summary>
    public string State { get; init; } = "";

    /// <summary>The id of its image; empty where it was not asked for.</summary>
    public string Image { get; init; } = "";

    /// <summary>Its image was looked at.</summary>
    public bool IsImageChecked { get; init; }

    /// <summary>Why it cannot be told which labels are the image's; null where it can.</summary>
    public string? ImageFault { get; init; }

    /// <summary>When it was started last, as Docker writes it: names the start.</summary>
    public string StartedAt { get; init; } = "";

    /// <summary>Its last start, its restart policy and its networks: what has changed where it was started or changed.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Whether whoever made it wants it to be started again: it has a restart policy, and no other manager.</summary>
    public bool HasPolicy { get; init; }

    /// <summary>Whether that is <c>unless-stopped</c>, which the engine does not start at a boot once it was stopped.</summary>
    public bool IsUnlessStopped { get; init; }

    /// <summary>The engine's reason why its last start failed; empty where it did not.</summary>
    public string Error { get; init; } = "";

    /// <summary>Whether it is stopped, and has run before.</summary>
    public bool HasExited { get; init; }

    /// <summary>
    /// The network that it was made for, where the engine has it on none any more: from 29 on, one whose start failed late (moby
    /// daemon/container_operations.go, connectToNetwork). Null for all others.
    /// </summary>
    public string? LostNetwork { get; init; }

    /// <summary>What <c>-p</c> and <c>-P</c> ask for, in the form of <c>cni.ports</c>; null where it was not asked for.</summary>
    public IReadOnlyList<string>? Published { get; init; }

    /// <summary>Keywords of resolv.conf that its user chose.</summary>
    public IReadOnlyList<string> UserDns { get; init; } = [];

    /// <summary>One that was listed: the engine does not wait for it to have started, and does not tell its process.</summary>
    public static EngineContainer Of(ContainerListResponse one, string folder) =>
        new(one.ID, NameOf(one.Names) ?? "", Copy(one.Labels), one.HostConfig?.NetworkMode ?? "", folder)
        {
            Image = one.ImageID ?? "",
            State = one.State ?? "",
        };

    /// <summary>One that was inspected.</summary>
    public static EngineContainer Of(ContainerInspectResponse seen, string folder)
    {
        var runs = seen.State is { Running: true, Restarting: false }; // while it waits to be restarted it is said to run
        return new(seen.ID, (seen.Name ?? "").TrimStart('/'), Copy(seen.Config?.Labels), seen.HostConfig?.NetworkMode ?? "", folder)
        {
            Pid = runs ? (int)seen.State!.Pid : 0,
            StartedAt = seen.State?.StartedAt ?? "",
            Fingerprint = FingerprintOf(seen),
            HasPolicy = IsToBeRestarted(seen),
            IsUnlessStopped = seen.HostConfig?.RestartPolicy?.Name == RestartPolicyKind.UnlessStopped,
            Error = seen.State?.Error ?? "",
            HasExited = seen.State is { Running: false, Restarting: false, Paused: false, Dead: false, Status: "exited" },
            Image = seen.Image ?? "",
            LostNetwork = LostNetworkOf(seen),
            Published = PublishedBy(seen),
            UserDns = [.. ChosenDns(seen.HostConfig)],
        };
    }

    /// <summary>A container's name; null where it has none. A link gives it a second one, with the other's in it.</summary>
    public static string? NameOf(IEnumerable<string>? names) =>
        names?.Select(name => name.TrimStart('/')).FirstOrDefault(name => !name.Contains('/', StringComparison.Ordinal));

    private static Dictionary<string, string> Copy(IDictionary<string, string>? labels) => new(labels ?? new Dictionary<string, string>());

    private static string? LostNetworkOf(ContainerInspectResponse seen) =>
        seen.NetworkSettings?.Networks is { Count: 0 } && seen.HostConfig?.NetworkMode is { Length: > 0 } mode and not ("none" or "host")
            && !mode.StartsWith("container:", StringComparison.Ordinal) ? mode : null;

    private static IReadOnlyList<string> PublishedBy(ContainerInspectResponse seen) => PublishedPorts.Of(
        (seen.HostConfig?.PortBindings ?? new Dictionary<string, IList<PortBinding>>())
            .Select(one =>
                KeyValuePair.Create(one.Key, (one.Value ?? []).Select(binding => ((string?)binding.HostIP, (string?)binding.HostPort)))),
        seen.HostConfig?.PublishAllPorts == true ? seen.Config?.ExposedPorts?.Keys ?? [] : []);

    private static string FingerprintOf(ContainerInspectResponse seen)
    {
        IEnumerable<string> networks = seen.NetworkSettings?.Networks?.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>();
        return string.Join(' ', [seen.State?.StartedAt, seen.HostConfig?.RestartPolicy?.Name.ToString(), .. networks]);
    }

    // Swarm starts its tasks itself, and a container that is removed at its end is not to come again.
    private static bool IsToBeRestarted(ContainerInspectResponse seen) => seen.HostConfig is { AutoRemove: false }
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
