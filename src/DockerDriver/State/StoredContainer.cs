using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// A none-container that asks for networks, from its creation to its removal. Its labels are here because they cannot be asked for when an
/// engine starts its containers again: it does not answer until they run. What each ADD was given is in CniCore's attachments.
/// </summary>
internal sealed record StoredContainer : StoredAttachment
{
    /// <summary>The name it had when last heard of.</summary>
    public string Name { get; init; } = "";

    /// <summary>Those that begin with <c>cni.</c> and count; they never change.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Its image was looked at: none of <see cref="Labels"/> is the image's. False where images are trusted, and by cnid 0.1.
    /// </summary>
    [JsonPropertyName("isJudged")]
    public bool IsImageChecked { get; init; }

    /// <summary>Docker's folder for it, which has its resolv.conf and hosts.</summary>
    public string Folder { get; init; } = "";

    /// <summary>
    /// Keywords of resolv.conf that its user chose (<c>--dns</c>, <c>--dns-search</c>, <c>--dns-opt</c>): CNI's do not replace them.
    /// </summary>
    [JsonPropertyName("ownDns")]
    public IReadOnlyList<string> UserDns { get; init; } = [];

    /// <summary>What <c>-p</c> and <c>-P</c> ask for, in the form of <c>cni.ports</c>. It never changes.</summary>
    public IReadOnlyList<string> Published { get; init => field = value ?? []; } = []; // null: of a cnid before 0.2

    /// <summary>What its user should know of it; null for nothing.</summary>
    public string? Remark { get; init; }

    public ContainerPhase Phase { get; init; }

    /// <summary>Docker's <c>StartedAt</c> of the start this is about; empty where it was attached before Docker gave it one.</summary>
    public string StartedAt { get; init; } = "";

    /// <summary>What may be attached, in the order of the ADDs.</summary>
    public IReadOnlyList<NamedInterface> Interfaces { get; init; } = [];

    /// <summary>The host ports that were taken for it.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    /// <summary>It had all of its networks once: a later start that fails is a network's fault more likely than a label's.</summary>
    public bool WasAttached { get; init; }

    /// <summary>
    /// How often in a row it could not be attached, where it is kept all the same: it is tried again at
    /// <see cref="StoredAttachment.NextTry"/>.
    /// </summary>
    public int FailedAdds { get; init; }

    /// <summary>Whether plugins may have made something that is there still.</summary>
    public bool MayHaveAttachments => Phase is ContainerPhase.Attaching or ContainerPhase.Attached or ContainerPhase.Detaching;

    public override bool IsEnding => Phase == ContainerPhase.Detaching;

    public override StoredContainer Ending() =>
        this with { Phase = ContainerPhase.Detaching, WasAttached = WasAttached || Phase == ContainerPhase.Attached };
}
