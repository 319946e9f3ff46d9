namespace DockerDriver.State;

/// <summary>
/// The common members of the records of attachments: endpoints, label containers and reservations. A record exists from before the first
/// ADD until the last DEL has succeeded.
/// </summary>
internal abstract record StoredAttachment : IStored
{
    public int Schema { get; init; } = 1;

    /// <summary>The container id in CNI's calls.</summary>
    public required string Id { get; init; }

    /// <summary>Why ADD failed, where the failed ADD could not be undone; null otherwise.</summary>
    public string? AddFault { get; init; }

    /// <summary>Why the last DEL failed, or why it could not be attached.</summary>
    public string? Fault { get; init; }

    /// <summary>The number of consecutive failed DELs.</summary>
    public virtual int FailedDels { get; init; }

    /// <summary>The time of the next automatic try; null where nothing has failed.</summary>
    public DateTimeOffset? NextTry { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>The boot in which it was added. Its kernel objects do not exist in another boot.</summary>
    public string Boot { get; init => field = value ?? ""; } = "";

    /// <summary>Whether DEL is to run until it has succeeded.</summary>
    public abstract bool IsTearingDown { get; }

    /// <summary>The record at the start of its DEL.</summary>
    public abstract StoredAttachment WithTeardown();
}
