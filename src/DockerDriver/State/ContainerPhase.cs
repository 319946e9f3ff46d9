using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>The phase of a label container. It is on disk before the step that it names is taken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ContainerPhase>))]
internal enum ContainerPhase
{
    /// <summary>No network is attached.</summary>
    Detached,

    /// <summary>Its ADDs have started.</summary>
    Attaching,

    /// <summary>All of its networks are attached.</summary>
    Attached,

    /// <summary>Its DELs are to run, until each has succeeded.</summary>
    Detaching,

    /// <summary>Its last attach failed; what was attached has been undone.</summary>
    Failed,
}
