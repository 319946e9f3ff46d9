using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// A label container: a container of <c>--network none</c> whose labels name networks. The record exists from the container's creation
/// until its removal. It has the labels because the engine does not answer while it starts its containers. What each ADD was given is in
/// CniCore's attachment cache.
/// </summary>
internal sealed record StoredContainer : StoredAttachment
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>The container's last known name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The labels <c>cni.…</c> that have an effect; they never change.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? None; } = None;

    /// <summary>
    /// The image's labels have been removed from <see cref="Labels"/>. False where image labels are trusted, and in records of cnid 0.1.
    /// </summary>
    [JsonPropertyName("isJudged")]
    public bool IsImageChecked { get; init; }

    /// <summary>Docker's folder of the container, with its resolv.conf and hosts.</summary>
    public string Folder { get; init => field = value ?? ""; } = "";

    /// <summary>
    /// The keywords of resolv.conf that its user set (<c>--dns</c>, <c>--dns-search</c>, <c>--dns-opt</c>); the <c>dns</c> of CNI results
    /// does not replace them.
    /// </summary>
    [JsonPropertyName("ownDns")]
    public IReadOnlyList<string> UserDns { get; init => field = value ?? []; } = [];

    /// <summary>The ports of <c>-p</c> and <c>-P</c>, in the form of <c>cni.ports</c>. They never change.</summary>
    public IReadOnlyList<string> Published { get; init => field = value ?? []; } = []; // null: stored before 0.2

    /// <summary>A message for its user; null for none.</summary>
    public string? Remark { get; init; }

    public ContainerPhase Phase { get; init; }

    /// <summary>
    /// Docker's <c>StartedAt</c> of the start that this record is about; empty where the container was attached before Docker had set it.
    /// </summary>
    public string StartedAt { get; init => field = value ?? ""; } = "";

    /// <summary>The interfaces that may be attached, in the order of their ADDs.</summary>
    public IReadOnlyList<NamedInterface> Interfaces { get; init => field = value ?? []; } = [];

    /// <summary>The host ports that are reserved for it.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init => field = value ?? []; } = [];

    /// <summary>
    /// All of its networks have been attached at least once. A later start that fails is then more likely a network's fault than a label's.
    /// </summary>
    public bool WasAttached { get; init; }

    /// <summary>
    /// The number of consecutive failed attaches of a container that continues to run. It is retried at <see
    /// cref="StoredAttachment.NextTry"/>.
    /// </summary>
    public int FailedAdds { get; init; }

    /// <summary>Whether plugins may have created something that still exists.</summary>
    public bool MayHaveAttachments => Phase is ContainerPhase.Attaching or ContainerPhase.Attached or ContainerPhase.Detaching;

    public override bool IsTearingDown => Phase == ContainerPhase.Detaching;

    public override StoredContainer WithTeardown() =>
        this with { Phase = ContainerPhase.Detaching, WasAttached = WasAttached || Phase == ContainerPhase.Attached };
}
