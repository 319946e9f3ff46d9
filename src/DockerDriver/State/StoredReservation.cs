using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// The addresses that one ADD of a list's IPAM plugin assigned, from RequestAddress until its DEL has succeeded. The attachment of the same
/// id has the result. cnid generates the id, since RequestAddress names no endpoint.
/// </summary>
internal sealed record StoredReservation : StoredAttachment
{
    public required string ListName { get; init; }

    /// <summary>The name of the container that it is for; empty where Docker did not tell it (before 29).</summary>
    public string ContainerName { get; init => field = value ?? ""; } = ""; // null: stored before 0.2

    public ReservationPhase Phase { get; init; }

    /// <summary>All addresses that the IPAM assigned, with prefix length.</summary>
    public IReadOnlyList<string> Addresses { get; init => field = value ?? []; } = [];

    /// <summary>
    /// The addresses that Docker has been given. A list of both families assigns two at once; Docker requests them one after the other.
    /// </summary>
    public IReadOnlyList<string> Claimed { get; init => field = value ?? []; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public override int FailedDels { get; init; }

    public void Check() => StoredAddresses.Check(Addresses.Concat(Claimed));

    public override bool IsTearingDown => Phase == ReservationPhase.Releasing;

    public override StoredReservation WithTeardown() => this with { Phase = ReservationPhase.Releasing };
}
