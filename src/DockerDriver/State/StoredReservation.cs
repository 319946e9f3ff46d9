namespace DockerDriver.State;

/// <summary>
/// What one ADD of a list's IPAM plugin gave, from RequestAddress until its DEL has succeeded. The attachment of the same id has the answer
/// itself.
/// </summary>
internal sealed record StoredReservation : IStored
{
    public int Schema { get; init; } = 1;

    /// <summary>Ours, and the container id under which the IPAM knows it: Docker names no endpoint when it asks for an address.</summary>
    public required string Id { get; init; }

    public required string ListName { get; init; }

    /// <summary>The name of the container that it is for; empty where Docker has not said it (before 29).</summary>
    public string ContainerName { get; init; } = "";

    public ReservationPhase Phase { get; init; }

    /// <summary>All addresses the IPAM gave, with prefix length.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>
    /// Those of them that Docker has. A list of both families gives both at once, and Docker asks for one after the other.
    /// </summary>
    public IReadOnlyList<string> Claimed { get; init; } = [];

    /// <summary>Why it could not be reserved, where that could not be undone; null otherwise.</summary>
    public string? AddFault { get; init; }

    /// <summary>Why the last attempt to give it back failed; it is tried again.</summary>
    public string? Fault { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>The boot in which the IPAM was asked: some forget what an earlier one had.</summary>
    public string Boot { get; init; } = "";
}
