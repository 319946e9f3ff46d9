using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>The result of ADD, in the form of spec 1.1.0, whatever version it was written in (CNI spec, section 5).</summary>
public sealed record CniResult
{
    /// <summary>The version it was written in.</summary>
    [JsonPropertyName("cniVersion")]
    public string CniVersion { get; init; } = "";

    /// <summary>The interfaces that were created, on the host and in the container.</summary>
    [JsonIgnore]
    public IReadOnlyList<CniInterface> Interfaces { get; init; } = [];

    /// <summary>The addresses, in the order the plugins gave them.</summary>
    [JsonIgnore]
    public IReadOnlyList<CniAddress> Ips { get; init; } = [];

    /// <summary>The routes in the container.</summary>
    [JsonIgnore]
    public IReadOnlyList<CniRoute> Routes { get; init; } = [];

    /// <summary>The DNS configuration for the container's resolv.conf; null if the plugins gave none.</summary>
    [JsonPropertyName("dns"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CniDns? Dns { get; init; }

    /// <summary>Reads the output of ADD, in any version of the spec.</summary>
    /// <param name="json">UTF-8. <c>null</c> is an empty result.</param>
    /// <param name="configVersion">The version of the configuration, for a result without one.</param>
    /// <exception cref="CniPluginException">It is not JSON, its version is unknown, or it does not fit its version.</exception>
    public static CniResult Parse(ReadOnlySpan<byte> json, string configVersion) => ResultJson.Parse(json, configVersion);

    /// <summary>The result in the form of a version of the spec, UTF-8. What an older version cannot express is left out.</summary>
    /// <exception cref="CniPluginException">The version is unknown, or cannot express any of the result.</exception>
    public byte[] ToJson(string version) => ResultJson.Write(this, version);

    // Go omits empty lists (omitempty), and may write null for them.
    [JsonInclude, JsonPropertyName("interfaces"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal IReadOnlyList<CniInterface>? WireInterfaces
    {
        get => Interfaces.Count > 0 ? Interfaces : null;
        init => Interfaces = value ?? [];
    }

    [JsonInclude, JsonPropertyName("ips"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal IReadOnlyList<CniAddress>? WireIps { get => Ips.Count > 0 ? Ips : null; init => Ips = value ?? []; }

    [JsonInclude, JsonPropertyName("routes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal IReadOnlyList<CniRoute>? WireRoutes { get => Routes.Count > 0 ? Routes : null; init => Routes = value ?? []; }
}
