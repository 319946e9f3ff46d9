namespace DockerDriver.State;

/// <summary>
/// What the records of all attachments have in common, whoever they are made for: an endpoint, a label container, a reservation. A record
/// is there before the first ADD begins, and until the last DEL has succeeded.
/// </summary>
internal abstract record StoredAttachment : IStored
{
    public int Schema { get; init; } = 1;

    /// <summary>The container id under which CNI knows it.</summary>
    public required string Id { get; init; }

    /// <summary>Why its ADD failed, where that could not be undone; null otherwise.</summary>
    public string? AddFault { get; init; }

    /// <summary>Why its last DEL failed, or it could not be attached.</summary>
    public string? Fault { get; init; }

    /// <summary>How often in a row its DEL has failed.</summary>
    public virtual int FailedDels { get; init; }

    /// <summary>When it is tried again, unless somebody asks before; null where nothing has failed.</summary>
    public DateTimeOffset? NextTry { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>The boot in which it was made: after another boot nothing of it is in the kernel.</summary>
    public string Boot { get; init; } = "";

    /// <summary>Whether DEL is to run until it succeeds.</summary>
    public abstract bool IsEnding { get; }

    /// <summary>The same from the moment at which its DEL begins.</summary>
    public abstract StoredAttachment Ending();
}
