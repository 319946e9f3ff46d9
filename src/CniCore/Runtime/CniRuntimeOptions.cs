namespace CniCore.Runtime;

/// <summary>Where the runtime stores attachments, and how long an undo may take.</summary>
public sealed record CniRuntimeOptions
{
    /// <summary>
    /// The folder of the attachments, one file each. It must survive a reboot, and must not be another runtime's: its GC would delete them.
    /// </summary>
    public required string CacheFolder { get; init; }

    /// <summary>
    /// A folder that a reboot clears, for copies of those files: one takes the place of a corrupt file. Null for no copies.
    /// </summary>
    public string? CopyFolder { get; init; }

    /// <summary>The folder of the lock files. It may be cleared by a reboot.</summary>
    public required string LockFolder { get; init; }

    /// <summary>
    /// ADD ends with the built-in <c>cnid-admission</c>, which adds rules to the FORWARD chain, so that a policy of DROP, such as Docker's,
    /// does not drop the attachment's packets. Not for generated lists, nor for lists with the built-in firewall, which add such rules
    /// themselves.
    /// </summary>
    public bool Admits { get; init; }

    /// <summary>The time limit of undoing a failed ADD; the caller's may be over by then.</summary>
    public TimeSpan UndoTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
