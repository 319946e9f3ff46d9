using System.Text.Json.Serialization;

namespace CniCore.Plugins;

/// <summary>An entry of <c>cni.dev/valid-attachments</c>, which GC gets.</summary>
internal sealed record ValidAttachment(
    [property: JsonPropertyName("containerID")] string ContainerId,
    [property: JsonPropertyName("ifname")] string IfName);
