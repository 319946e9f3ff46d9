using System.Net.Sockets;

namespace CniCore.Firewall;

/// <summary>
/// What the host's firewall does for a network or an attachment. Docker's options and plugin configurations are translated into policies,
/// and rules are made from policies only (<see cref="WantedRules"/>).
/// </summary>
public sealed record FirewallPolicy
{
    /// <summary>Selects the containers' packets, which iptables then accepts in FORWARD. Empty: nothing is accepted.</summary>
    public IReadOnlyList<TrafficSelector> Traffic { get; init; } = [];

    /// <summary>The address families of the containers.</summary>
    public IReadOnlySet<AddressFamily> Families { get; init; } =
        new HashSet<AddressFamily> { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 };

    /// <summary>
    /// The selectors of <see cref="Traffic"/> that are also the host's uplink. Not all of their packets are the containers', so only
    /// packets that stay within the interface are accepted.
    /// </summary>
    public IReadOnlyList<TrafficSelector> Uplinks { get; init; } = [];

    /// <summary>The iptables chain to which packets go before they are accepted; empty for none.</summary>
    public string AdminChain { get; init; } = "";

    /// <summary>No traffic between the containers and the outside.</summary>
    public bool IsInternal { get; init; }

    /// <summary>What containers accept from other containers of this host.</summary>
    public Ingress Ingress { get; init; }

    /// <summary>What containers accept from the outside, by IPv4.</summary>
    public Reach ReachV4 { get; init; }

    /// <summary>What containers accept from the outside, by IPv6.</summary>
    public Reach ReachV6 { get; init; }

    /// <summary>
    /// Interfaces of the host from which open ports can be reached, whatever <see cref="ReachV4"/> and <see cref="ReachV6"/> say.
    /// </summary>
    public IReadOnlyList<string> Trusted { get; init; } = [];

    /// <summary>
    /// The ports that can be reached by the containers' own addresses, if <see cref="Reach.OpenPorts"/> or <see cref="Trusted"/> allows it.
    /// </summary>
    public IReadOnlyList<OpenAddress> OpenPorts { get; init; } = [];

    /// <summary>Source address translations.</summary>
    public IReadOnlyList<SourceTranslation> Translations { get; init; } = [];

    /// <summary>The published ports, by container address.</summary>
    internal IReadOnlyList<PublishedPorts> Published { get; init; } = [];

    /// <summary>The ports of a bridge that may send from one hardware address only, and that address.</summary>
    internal IReadOnlyList<(string Port, string Mac)> Senders { get; init; } = [];

    /// <summary>The ports of a bridge that may not advertise themselves as routers.</summary>
    internal IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>The interface of a network's containers.</summary>
    internal string Interface => Traffic[0].Interface!;

    internal Reach ReachOf(AddressFamily family) => family == AddressFamily.InterNetwork ? ReachV4 : ReachV6;
}
