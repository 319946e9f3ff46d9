using System.Text.Json.Serialization;

namespace CniCore.Plugins;

/// <summary>One of GC's <c>cni.dev/valid-attachments</c>.</summary>
internal sealed record ValidAttachment(
    [property: JsonPropertyName("containerID")] string ContainerId,
    [property: JsonPropertyName("ifname")] string IfName);
