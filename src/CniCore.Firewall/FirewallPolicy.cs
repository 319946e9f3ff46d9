using System.Net.Sockets;

namespace CniCore.Firewall;

/// <summary>
/// What the host's firewall does for a network or for one attachment. Docker's options and the plugins' configurations are brought into
/// this form; rules are made of nothing else (<see cref="WantedRules"/>).
/// </summary>
public sealed record FirewallPolicy
{
    /// <summary>Where the containers' packets cross the host: they are admitted by iptables. Empty: nothing is admitted.</summary>
    public IReadOnlyList<TrafficSelector> Traffic { get; init; } = [];

    /// <summary>The families that the containers have addresses of.</summary>
    public IReadOnlySet<AddressFamily> Families { get; init; } =
        new HashSet<AddressFamily> { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 };

    /// <summary>
    /// Those of <see cref="Traffic"/> over which the host itself reaches the world: what comes from there is not the containers' alone,
    /// and only what stays within is admitted.
    /// </summary>
    public IReadOnlyList<TrafficSelector> Uplinks { get; init; } = [];

    /// <summary>The chain of iptables that is asked before anything is admitted; empty for none.</summary>
    public string AdminChain { get; init; } = "";

    /// <summary>Nothing in, nothing out.</summary>
    public bool IsInternal { get; init; }

    /// <summary>What may come from other containers of this host.</summary>
    public Ingress Ingress { get; init; }

    /// <summary>What the world reaches, by IPv4.</summary>
    public Reach ReachV4 { get; init; }

    /// <summary>What the world reaches, by IPv6.</summary>
    public Reach ReachV6 { get; init; }

    /// <summary>Interfaces of the host from which open ports are reached too, whatever the rest of the world reaches.</summary>
    public IReadOnlyList<string> Trusted { get; init; } = [];

    /// <summary>Reached by the containers' own addresses where <see cref="Reach.OpenPorts"/> or <see cref="Trusted"/> says so.</summary>
    public IReadOnlyList<OpenAddress> OpenPorts { get; init; } = [];

    /// <summary>What is sent under another address.</summary>
    public IReadOnlyList<SourceTranslation> Translations { get; init; } = [];

    /// <summary>What is published, by the containers' addresses.</summary>
    internal IReadOnlyList<PublishedPorts> Published { get; init; } = [];

    /// <summary>The ports of a bridge that may send from one hardware address alone, and that address.</summary>
    internal IReadOnlyList<(string Port, string Mac)> Senders { get; init; } = [];

    /// <summary>The interface of a network's containers.</summary>
    internal string Interface => Traffic[0].Interface!;

    internal Reach ReachOf(AddressFamily family) => family == AddressFamily.InterNetwork ? ReachV4 : ReachV6;
}
