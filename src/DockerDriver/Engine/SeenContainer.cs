namespace DockerDriver.Engine;

/// <summary>A container as the engine describes it.</summary>
/// <param name="Labels">All of them; once its image has been looked at, without those <c>cni.…</c> that do not count.</param>
/// <param name="NetworkMode"><c>none</c>, or what is not ours.</param>
/// <param name="Folder">Docker's folder for it, which has its resolv.conf and hosts.</param>
internal sealed record SeenContainer(string Id, string Name, IReadOnlyDictionary<string, string> Labels, string NetworkMode, string Folder)
{
    /// <summary>Its first process; 0 where none runs, and where it was not asked for.</summary>
    public int Pid { get; init; }

    /// <summary>The engine's word for what it does, such as <c>running</c>, where it was listed; empty where it was inspected.</summary>
    public string State { get; init; } = "";

    /// <summary>The id of its image; empty where it was not asked for.</summary>
    public string Image { get; init; } = "";

    /// <summary>Its image was looked at.</summary>
    public bool IsJudged { get; init; }

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
    public IReadOnlyList<string> OwnDns { get; init; } = [];
}
