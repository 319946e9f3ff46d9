using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>The error object a plugin writes to standard output (CNI spec, "Error").</summary>
internal sealed record PluginError(
    [property: JsonPropertyName("cniVersion"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CniVersion,
    [property: JsonPropertyName("code")] int Code,
    [property: JsonPropertyName("msg")] string? Message,
    [property: JsonPropertyName("details"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Details);
