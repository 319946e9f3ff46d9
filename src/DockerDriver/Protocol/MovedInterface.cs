using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// An interface by its name in the host's namespace; inside it is called <see cref="DstPrefix"/> and a number, or from Docker 29.8 on
/// <see cref="DstName"/> where that is not empty.
/// </summary>
internal sealed record MovedInterface(
    [property: JsonPropertyName("SrcName")] string SrcName,
    [property: JsonPropertyName("DstPrefix")] string DstPrefix,
    [property: JsonPropertyName("DstName")] string DstName);
