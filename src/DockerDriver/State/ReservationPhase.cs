using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>The phase of a reservation. It is on disk before the step that it names is taken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReservationPhase>))]
internal enum ReservationPhase
{
    /// <summary>The IPAM plugin's ADD is running; Docker has been given no address.</summary>
    Reserving,

    /// <summary>Docker has been given one or more of its addresses.</summary>
    Reserved,

    /// <summary>DEL is to run when no endpoint uses its addresses any more, until it has succeeded.</summary>
    Releasing,
}
