using System.Text.Json.Serialization;

namespace CniCore.Spec.Legacy;

/// <summary>A result of 0.1.0 and 0.2.0: one address for each family (libcni pkg/types/020).</summary>
internal sealed record Result020
{
    [JsonPropertyName("cniVersion"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CniVersion { get; init; }

    [JsonPropertyName("ip4"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Address020? Ip4 { get; init; }

    [JsonPropertyName("ip6"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Address020? Ip6 { get; init; }

    [JsonPropertyName("dns")]
    public CniDns? Dns { get; init; }

    public CniResult ToCurrent(string version)
    {
        List<Address020> families = [.. new[] { Ip4, Ip6 }.OfType<Address020>()];
        return new()
        {
            CniVersion = version,
            Ips = [.. families.Select(family => new CniAddress { Address = family.Ip, Gateway = family.Gateway })],
            Routes = [.. families.SelectMany(family => family.Routes ?? [])],
            Dns = Dns,
        };
    }

    /// <summary>The first address of each family. The rest is left out, as with libcni.</summary>
    /// <exception cref="CniPluginException">There is no address.</exception>
    public static Result020 From(CniResult result, string version)
    {
        var (ip4, ip6) = (Address020.From(result, 4), Address020.From(result, 16));
        return ip4 is null && ip6 is null
            ? throw new CniPluginException(CniErrorCode.IncompatibleVersion,
                $"cannot convert the result to version {version}: no valid IP addresses")
            : new() { CniVersion = version, Ip4 = ip4, Ip6 = ip6, Dns = result.Dns ?? new() };
    }
}
