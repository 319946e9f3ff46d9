using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>What one address of a container has in <see cref="PortTable"/>.</summary>
internal sealed class PortRules(AttachmentTag tag, PublishedPorts published)
{
    private readonly IPAddress container = published.Container.Address;
    private readonly bool isV6 = published.Container.Address.AddressFamily == AddressFamily.InterNetworkV6;

    public PublishedPorts Published => published;

    /// <summary>The chain that asks the conditions, in nft's language, in which they are written; empty without any.</summary>
    public string OwnChain => published.Conditions.Length == 0 || published.Ports.Count == 0 ? "" :
        $"add chain {PortTable.Definition.Table} {ChainName}\n" + string.Concat(published.Ports.Select(port =>
            $"add rule {PortTable.Definition.Table} {ChainName} {(port.Host is { } host ? $"{Ip} daddr {host} " : "")}meta l4proto "
            + $"{port.Protocol} th dport {port.HostPort} {published.Conditions} dnat {Ip} to {Target(port)}\n"));

    /// <summary>The elements that lead to it.</summary>
    public IReadOnlyList<RuleElement> Ports => [.. published.Ports.Select(Port).DistinctBy(port => (port.Set, port.Key))];

    /// <summary>All it has.</summary>
    public IReadOnlyList<RuleElement> Elements => published.Ports.Count == 0 ? [] : [.. Ports, .. Masked()];

    /// <summary>The chain that asks who calls, which others share.</summary>
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
    /// Whether an element is about this container address: one that another attachment left behind leads to the wrong container now.
    /// </summary>
    public bool IsAbout(RuleElement element) =>
        element.Set == "masked" + Family || element.Set == "near" + Family
            ? AddressText.Parse(element.Key.Split(" . ")[0]).Equals(container)
        : element.Set is "any4" or "any6" or "at4" or "at6" && AddressText.Parse(element.Value.Split(" . ")[0]).Equals(container);

    /// <summary>Elements, whose ever, that this port cannot stand beside: on that address, on all of them, or on one of all.</summary>
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

    // By whom the container is called under the host's address. From nobody still makes an element: it shows that the table is used.
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
