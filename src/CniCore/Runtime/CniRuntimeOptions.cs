namespace CniCore.Runtime;

/// <summary>Where the runtime keeps its books, and how long its own clean-up may take.</summary>
public sealed record CniRuntimeOptions
{
    /// <summary>
    /// The attachments, one file each. Must survive a reboot. Never another runtime's: its GC would know nothing of ours.
    /// </summary>
    public required string CacheFolder { get; init; }

    /// <summary>Lock files, cleared by a reboot.</summary>
    public required string LockFolder { get; init; }

    /// <summary>
    /// Every attachment is let past a FORWARD policy of DROP, such as Docker's, by the built-in <c>cnid-admission</c>, which ADD then
    /// runs last. Not where the list is generated, or has the built-in firewall, which admits by itself.
    /// </summary>
    public bool Admits { get; init; }

    /// <summary>How long undoing a failed ADD may take: its own time, since the caller's may be over.</summary>
    public TimeSpan UndoTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
