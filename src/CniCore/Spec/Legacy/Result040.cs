using System.Text.Json.Serialization;

namespace CniCore.Spec.Legacy;

/// <summary>A result of 0.3.0 to 0.4.0: each address has its family, and <c>dns</c> is always present (libcni pkg/types/040).</summary>
internal sealed record Result040
{
    [JsonPropertyName("cniVersion")]
    public string? CniVersion { get; init; }

    [JsonPropertyName("interfaces"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Interface040>? Interfaces { get; init; }

    [JsonPropertyName("ips"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Address040>? Ips { get; init; }

    [JsonPropertyName("routes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CniRoute>? Routes { get; init; }

    [JsonPropertyName("dns")]
    public CniDns? Dns { get; init; }

    public CniResult ToCurrent(string version) => new()
    {
        CniVersion = version,
        Interfaces = [.. (Interfaces ?? []).Select(link => new CniInterface { Name = link.Name, Mac = link.Mac, Sandbox = link.Sandbox })],
        Ips = [.. (Ips ?? []).Select(ip => new CniAddress { Interface = ip.Interface, Address = ip.Address, Gateway = ip.Gateway })],
        Routes = Routes ?? [],
        Dns = Dns,
    };

    public static Result040 From(CniResult result, string version) => new()
    {
        CniVersion = version,
        Interfaces = result.Interfaces.Count == 0
            ? null
            : [.. result.Interfaces.Select(link => new Interface040 { Name = link.Name, Mac = link.Mac, Sandbox = link.Sandbox })],
        Ips = result.Ips.Count == 0 ? null : [.. result.Ips.Select(Address040.From)],
        Routes = result.Routes.Count == 0 ? null : result.Routes,
        Dns = result.Dns ?? new(),
    };
}
