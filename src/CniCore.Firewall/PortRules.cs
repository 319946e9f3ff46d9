using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>The elements and chains of one container address in <see cref="PortTable"/>.</summary>
internal sealed class PortRules(AttachmentTag tag, PublishedPorts published)
{
    private readonly IPAddress container = published.Container.Address;
    private readonly bool isV6 = published.Container.Address.AddressFamily == AddressFamily.InterNetworkV6;

    public PublishedPorts Published => published;

    /// <summary>The chain that checks the conditions, in nft's syntax; empty without conditions.</summary>
    public string OwnChain => published.Conditions.Length == 0 || published.Ports.Count == 0 ? "" :
        $"add chain {PortTable.Definition.Table} {ChainName}\n" + string.Concat(published.Ports.Select(port =>
            $"add rule {PortTable.Definition.Table} {ChainName} {(port.Host is { } host ? $"{Ip} daddr {host} " : "")}meta l4proto "
            + $"{port.Protocol} th dport {port.HostPort} {published.Conditions} dnat {Ip} to {Target(port)}\n"));

    /// <summary>The elements that map the ports.</summary>
    public IReadOnlyList<RuleElement> Ports => [.. published.Ports.Select(Port).DistinctBy(port => (port.Set, port.Key))];

    /// <summary>All elements.</summary>
    public IReadOnlyList<RuleElement> Elements => published.Ports.Count == 0 ? [] : [.. Ports, .. Masked()];

    /// <summary>The chain that checks the callers; others share it.</summary>
    public NftChain Callers => new(CallersChain)
    {
        { (isV6 ? Ip6Saddr.Is("::1") : IpSaddr.Is("127.0.0.0/8")), Nft.Masquerade },
        SubnetMatch.ToOurs(published.Container.Network),
    };

    /// <summary>The element of a port.</summary>
    public RuleElement Port(PublishedPort port)
    {
        var key = Key(port);
        var value = $"{container} . {port.ContainerPort}";
        if (published.Conditions.Length > 0)
            return new("only" + Family, key, tag.ToString(), $"jump {ChainName}");
        return port.Host is { } host
            ? new("at" + Family, $"{host} . {key}", tag.ToString(), value)
            : new("any" + Family, key, tag.ToString(), value);
    }

    /// <summary>
    /// Whether an element maps to this container address. One that another attachment left would lead to the wrong container.
    /// </summary>
    public bool IsAbout(RuleElement element) =>
        element.Set == "masked" + Family || element.Set == "near" + Family
            ? AddressText.Parse(element.Key.Split(" . ")[0]).Equals(container)
        : element.Set is "any4" or "any6" or "at4" or "at6" && AddressText.Parse(element.Value.Split(" . ")[0]).Equals(container);

    /// <summary>
    /// Elements of any attachment that conflict with this port: on the same host address, on all, or on any if this port is on all.
    /// </summary>
    public IEnumerable<RuleElement> Rivals(PortsInUse used, PublishedPort port)
    {
        var element = Port(port);
        if (used.Find(element.Set, element.Key) is { } same)
            yield return same;
        if (element.Set.StartsWith("at", StringComparison.Ordinal) && used.Find("any" + Family, Key(port)) is { } onAll)
            yield return onAll;
        if (!element.Set.StartsWith("any", StringComparison.Ordinal))
            yield break;
        foreach (var onOne in used.OnOneAddress(Family, port))
            yield return onOne;
    }

    private string Family => SubnetMatch.Family(container);

    private string Ip => isV6 ? "ip6" : "ip";

    private string ChainName => $"{RuleElement.OwnChainPrefix}{Family}_{tag.Identity.Replace('-', '_')}";

    private string Target(PublishedPort port) => isV6 ? $"[{container}]:{port.ContainerPort}" : $"{container}:{port.ContainerPort}";

    // The element for callers with the host's address. It exists even if there are none: it marks the table as used.
    private IEnumerable<RuleElement> Masked()
    {
        yield return SubnetMatch.Pair(tag, container, published.Container.Network, "goto mask");
        if (published.Callers != CallerTranslation.None)
            yield return new("masked" + Family, $"{container}", tag.ToString(), published.Callers == CallerTranslation.All
                ? "goto mask"
                : $"goto {CallersChain}");
    }

    private string CallersChain => SubnetMatch.ChainName("callers", published.Container.Network);

    private static string Key(PublishedPort port) => $"{port.Protocol} . {port.HostPort}";
}
