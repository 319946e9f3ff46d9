using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>How far a none-container has come. On disk before the step it names is taken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ContainerPhase>))]
internal enum ContainerPhase
{
    /// <summary>Nothing of it is attached.</summary>
    Detached,

    /// <summary>Its ADDs have begun.</summary>
    Attaching,

    /// <summary>All of its networks are there.</summary>
    Attached,

    /// <summary>To be unmade; stays until every DEL has succeeded.</summary>
    Detaching,

    /// <summary>It could not be attached at its last start; all that was made is undone.</summary>
    Failed,
}
