using System.Text.Json.Serialization;

namespace CniCore.Plugins.HostLocal;

/// <summary>The only key that DEL and GC need.</summary>
internal sealed record DataDirFields([property: JsonPropertyName("ipam")] DataDirFields.SectionFields? Ipam)
{
    /// <summary><c>ipam</c>.</summary>
    internal sealed record SectionFields([property: JsonPropertyName("dataDir")] string? DataDir);
}
