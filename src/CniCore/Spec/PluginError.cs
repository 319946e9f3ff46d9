using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>The error object that a plugin prints to standard output (CNI spec, section 5, "Error").</summary>
internal sealed record PluginError(
    [property: JsonPropertyName("cniVersion"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CniVersion = null,
    [property: JsonPropertyName("code")] int Code = 0,
    [property: JsonPropertyName("msg")] string? Message = null,
    [property: JsonPropertyName("details"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Details = null);
