using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>The error object a plugin writes to standard output (CNI spec, "Error").</summary>
internal sealed record PluginError(
    [property: JsonPropertyName("cniVersion"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CniVersion = null,
    [property: JsonPropertyName("code")] int Code = 0,
    [property: JsonPropertyName("msg")] string? Message = null,
    [property: JsonPropertyName("details"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Details = null);
