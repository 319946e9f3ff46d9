using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>What an ADD made, in the shape of spec 1.1.0, whatever version it was written in (CNI spec, section 5).</summary>
public sealed record CniResult
{
    /// <summary>The version it was written in.</summary>
    [JsonPropertyName("cniVersion")]
    public string CniVersion { get; init; } = "";

    /// <summary>The interfaces made, host's and container's.</summary>
    [JsonIgnore]
    public IReadOnlyList<CniInterface> Interfaces { get; init; } = [];

    /// <summary>The addresses, in the order the plugins gave them.</summary>
    [JsonIgnore]
    public IReadOnlyList<CniAddress> Ips { get; init; } = [];

    /// <summary>The routes set inside the container.</summary>
    [JsonIgnore]
    public IReadOnlyList<CniRoute> Routes { get; init; } = [];

    /// <summary>Name servers, for whoever writes the container's resolv.conf; null where the plugins gave none.</summary>
    [JsonPropertyName("dns"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CniDns? Dns { get; init; }

    /// <summary>Reads what ADD printed, in any version of the spec.</summary>
    /// <param name="json">UTF-8. <c>null</c> is an empty result.</param>
    /// <param name="configVersion">The configuration's version, for a result that has none.</param>
    /// <exception cref="CniPluginException">It is not JSON, of an unknown version, or not of that version's shape.</exception>
    public static CniResult Parse(ReadOnlySpan<byte> json, string configVersion) => ResultJson.Parse(json, configVersion);

    /// <summary>The result as a version of the spec has it, UTF-8. What an older version has no place for is left out.</summary>
    /// <exception cref="CniPluginException">The version is unknown, or cannot express the result at all.</exception>
    public byte[] ToJson(string version) => ResultJson.Write(this, version);

    // Go leaves empty lists out (omitempty) and may write null for them.
    [JsonInclude, JsonPropertyName("interfaces"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal IReadOnlyList<CniInterface>? WireInterfaces { get => Interfaces.Count > 0 ? Interfaces : null; init =>
        Interfaces = value ?? []; }

    [JsonInclude, JsonPropertyName("ips"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal IReadOnlyList<CniAddress>? WireIps { get => Ips.Count > 0 ? Ips : null; init => Ips = value ?? []; }

    [JsonInclude, JsonPropertyName("routes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal IReadOnlyList<CniRoute>? WireRoutes { get => Routes.Count > 0 ? Routes : null; init => Routes = value ?? []; }
}
