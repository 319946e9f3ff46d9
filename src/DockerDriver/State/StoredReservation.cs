using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// What one ADD of a list's IPAM plugin gave, from RequestAddress until its DEL has succeeded. The attachment of the same id has the answer
/// itself; the id is cnid's, since Docker names no endpoint when it asks for an address.
/// </summary>
internal sealed record StoredReservation : StoredAttachment
{
    public required string ListName { get; init; }

    /// <summary>The name of the container that it is for; empty where Docker has not said it (before 29).</summary>
    public string ContainerName { get; init => field = value ?? ""; } = ""; // null: of a cnid before 0.2

    public ReservationPhase Phase { get; init; }

    /// <summary>All addresses the IPAM gave, with prefix length.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>
    /// Those of them that Docker has. A list of both families gives both at once, and Docker asks for one after the other.
    /// </summary>
    public IReadOnlyList<string> Claimed { get; init; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public override int FailedDels { get; init; }

    public override bool IsEnding => Phase == ReservationPhase.Releasing;

    public override StoredReservation Ending() => this with { Phase = ReservationPhase.Releasing };
}
