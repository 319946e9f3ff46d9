using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using CniCore.Spec;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Plugins.PortMap;

/// <summary>What one address of a container has in <see cref="PortTable"/>.</summary>
internal sealed class PortRules(AttachmentTag tag, PortMapConfig config, CidrAddress container)
{
    private readonly bool isV6 = container.Address.AddressFamily == AddressFamily.InterNetworkV6;

    public CidrAddress Container => container;

    /// <summary>Those of the mappings that are for this family.</summary>
    public IReadOnlyList<PortMapping> Mappings { get; } =
        [.. config.Mappings.Where(mapping => HostIp(mapping) is not { } host || host.AddressFamily == container.Address.AddressFamily)];

    /// <summary>The chain that asks the conditions, in nft's language, in which they are written; empty without any.</summary>
    public string OwnChain => Conditions.Length == 0 || Mappings.Count == 0 ? "" :
        $"add chain {PortTable.Name} {ChainName}\n" + string.Concat(Mappings.Select(mapping =>
            $"add rule {PortTable.Name} {ChainName} {(Host(mapping) is { } host ? $"{Ip} daddr {host} " : "")}meta l4proto "
            + $"{mapping.Protocol} th dport {mapping.HostPort} {Conditions} dnat {Ip} to {Target(mapping)}\n"));

    /// <summary>The elements that lead to it.</summary>
    public IReadOnlyList<RuleElement> Ports => [.. Mappings.Select(Port).DistinctBy(port => (port.Set, port.Key))];

    /// <summary>All it has.</summary>
    public IReadOnlyList<RuleElement> Elements => Mappings.Count == 0 ? [] : [.. Ports, .. Masked()];

    /// <summary>The chain that asks who calls, which others share.</summary>
    public NftChain Callers => new(CallersChain)
    {
        { (isV6 ? Ip6Saddr.Is("::1") : IpSaddr.Is("127.0.0.0/8")), Nft.Masquerade },
        Vicinity.ToOurs(container),
    };

    /// <summary>The element of a mapping.</summary>
    public RuleElement Port(PortMapping mapping)
    {
        var key = Key(mapping);
        var value = $"{container.Address} . {mapping.ContainerPort}";
        if (Conditions.Length > 0)
            return new("only" + Family, key, tag.ToString(), $"jump {ChainName}");
        return Host(mapping) is { } host
            ? new("at" + Family, $"{host} . {key}", tag.ToString(), value)
            : new("any" + Family, key, tag.ToString(), value);
    }

    /// <summary>
    /// Whether an element is about this container address: one that another attachment left behind leads to the wrong container now.
    /// </summary>
    public bool IsAbout(RuleElement element) =>
        element.Set == "masked" + Family || element.Set == "near" + Family
            ? AddressText.Parse(element.Key.Split(" . ")[0]).Equals(container.Address)
        : element.Set is "any4" or "any6" or "at4" or "at6" && AddressText.Parse(element.Value.Split(" . ")[0]).Equals(container.Address);

    /// <summary>Elements, whose ever, that this mapping cannot stand beside: on that address, on all of them, or on one of all.</summary>
    public IEnumerable<RuleElement> Rivals(PortsInUse used, PortMapping mapping)
    {
        var port = Port(mapping);
        if (PortTable.Table.Find(port.Set, port.Key) is { } same)
            yield return same;
        if (port.Set.StartsWith("at", StringComparison.Ordinal) && PortTable.Table.Find("any" + Family, Key(mapping)) is { } onAll)
            yield return onAll;
        if (!port.Set.StartsWith("any", StringComparison.Ordinal))
            yield break;
        foreach (var onOne in used.OnOneAddress(Family, mapping))
            yield return onOne;
    }

    private string Family => Vicinity.Family(container.Address);

    private string Ip => isV6 ? "ip6" : "ip";

    private string Conditions => string.Join(' ', (isV6 ? config.ConditionsV6 : config.ConditionsV4) ?? []);

    private string ChainName => $"{RuleElement.OwnChainPrefix}{Family}_{tag.Identity.Replace('-', '_')}";

    private string Target(PortMapping mapping) =>
        isV6 ? $"[{container.Address}]:{mapping.ContainerPort}" : $"{container.Address}:{mapping.ContainerPort}";

    // By whom the container is called under the host's address. From nobody still makes an element: it shows that the table is used.
    private IEnumerable<RuleElement> Masked()
    {
        yield return Vicinity.Pair(tag, container, "goto mask");
        if (config.MasqAll || config.Snat != false)
            yield return new("masked" + Family, container.Address.ToString(), tag.ToString(), config.MasqAll
                ? "goto mask"
                : $"goto {CallersChain}");
    }

    private string CallersChain => Vicinity.ChainName("callers", container);

    private static string Key(PortMapping mapping) => $"{mapping.Protocol} . {mapping.HostPort}";

    private static IPAddress? HostIp(PortMapping mapping) =>
        string.IsNullOrEmpty(mapping.HostIp) ? null : AddressText.Parse(mapping.HostIp);

    private static IPAddress? Host(PortMapping mapping) =>
        HostIp(mapping) is { } host && !host.Equals(IPAddress.Any) && !host.Equals(IPAddress.IPv6Any) ? host : null;
}
