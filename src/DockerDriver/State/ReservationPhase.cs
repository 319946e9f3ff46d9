using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>How far a reservation has come. On disk before the step it names is taken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReservationPhase>))]
internal enum ReservationPhase
{
    /// <summary>The IPAM's ADD is running; Docker has not heard of an address.</summary>
    Reserving,

    /// <summary>Docker has it, or part of it.</summary>
    Reserved,

    /// <summary>To be given back, as soon as no endpoint has it; stays until the IPAM's DEL has succeeded.</summary>
    Releasing,
}
