using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using CniCore.Firewall;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>The configuration of portmap (plugins/meta/portmap). <c>backend</c> and <c>markMasqBit</c> are accepted and ignored.</summary>
internal sealed record PortMapConfig
{
    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    /// <summary>
    /// Whether callers get the host's address where answers would not come back otherwise: from localhost and from the container's own
    /// subnet.
    /// </summary>
    [JsonPropertyName("snat")]
    public bool? Snat { get; init; }

    /// <summary>Whether all callers get the host's address.</summary>
    [JsonPropertyName("masqAll")]
    public bool MasqAll { get; init; }

    /// <summary>Further conditions on IPv4 packets: nft match expressions.</summary>
    [JsonPropertyName("conditionsV4")]
    public IReadOnlyList<string>? ConditionsV4 { get; init; }

    /// <summary>Further conditions on IPv6 packets: nft match expressions.</summary>
    [JsonPropertyName("conditionsV6")]
    public IReadOnlyList<string>? ConditionsV6 { get; init; }

    [JsonPropertyName("externalSetMarkChain")]
    public string? ExternalSetMarkChain { get; init; }

    [JsonPropertyName("runtimeConfig")]
    public Capabilities? RuntimeConfig { get; init; }

    [JsonIgnore]
    public IReadOnlyList<PortMapping> Mappings => RuntimeConfig?.PortMappings ?? [];

    /// <summary>Reads and checks the configuration of a call.</summary>
    /// <exception cref="CniPluginException">A value is wrong or not supported.</exception>
    public static PortMapConfig Of(BuiltinCall call)
    {
        var config = Unchecked(call);
        config.Check();
        return config;
    }

    /// <summary>Reads the configuration without checks, for what must not fail: DEL, and the rules of an existing attachment.</summary>
    public static PortMapConfig Unchecked(BuiltinCall call) => call.Read(PortMapJson.Default.PortMapConfig);

    private void Check()
    {
        if (!string.IsNullOrEmpty(ExternalSetMarkChain))
            throw Invalid("externalSetMarkChain names a chain of iptables; the built-in portmap works with nftables");
        foreach (var condition in (ConditionsV4 ?? []).Concat(ConditionsV6 ?? []))
        {
            if (condition.StartsWith('-') || condition.StartsWith('!'))
                throw Invalid($"the condition {condition} is written for iptables; the built-in portmap takes nft match expressions, "
                    + "such as: ip saddr 10.0.0.0/8");
            if (condition.AsSpan().ContainsAny("\n;{}"))
                throw Invalid("a condition is one nft match expression");
        }
        foreach (var mapping in Mappings)
        {
            if (mapping.HostPort is < 1 or > ushort.MaxValue)
                throw Invalid($"Invalid host port number: {mapping.HostPort}");
            if (mapping.ContainerPort is < 1 or > ushort.MaxValue)
                throw Invalid($"Invalid container port number: {mapping.ContainerPort}");
            if (!Protocols.Contains(mapping.Protocol))
                throw Invalid($"a port cannot be mapped for protocol {mapping.Protocol}; tcp, udp and sctp can");
            if (!string.IsNullOrEmpty(mapping.HostIp) && !AddressText.TryParse(mapping.HostIp, out _))
                throw Invalid($"Invalid host IP: {mapping.HostIp}");
        }
    }

    /// <summary>The mappings for a container address, by its family.</summary>
    public PublishedPorts PublishedBy(CidrAddress container)
    {
        var family = container.Address.AddressFamily;
        return new(container, [.. Mappings.Select(mapping => (Mapping: mapping, Host: HostOf(mapping)))
            .Where(entry => entry.Host is null || entry.Host.AddressFamily == family)
            .Select(entry => new PublishedPort(
                IsAny(entry.Host) ? null : entry.Host, entry.Mapping.Protocol, entry.Mapping.HostPort, entry.Mapping.ContainerPort)
            {
                Text = entry.Mapping.HostSide,
            })])
        {
            Callers = MasqAll ? CallerTranslation.All : Snat != false ? CallerTranslation.Near : CallerTranslation.None,
            Conditions = string.Join(' ', (family == AddressFamily.InterNetworkV6 ? ConditionsV6 : ConditionsV4) ?? []),
            ReturnsToLocalhost = Snat != false,
        };
    }

    private static IPAddress? HostOf(PortMapping mapping) =>
        string.IsNullOrEmpty(mapping.HostIp) ? null
        : AddressText.TryParse(mapping.HostIp, out var host) ? host : throw Invalid($"Invalid host IP: {mapping.HostIp}");

    private static bool IsAny(IPAddress? host) => host is null || host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any);

    private static CniPluginException Invalid(string fault) => new(CniErrorCode.InvalidConfig, fault);

    /// <summary>The capability arguments.</summary>
    internal sealed record Capabilities([property: JsonPropertyName("portMappings")] IReadOnlyList<PortMapping>? PortMappings);
}
