using System.Net.Sockets;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>iptables of one family and one back end, where its filter table is in force, in the namespace of the calling thread.</summary>
internal abstract class Iptables(AddressFamily family)
{
    public AddressFamily Family { get; } = family;

    /// <summary>The program of that family and back end.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Those whose filter table forwards by rules: none on a host without iptables, two of a family where both back ends are used.
    /// </summary>
    public static IReadOnlyList<Iptables> InForce() =>
        [.. new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }.SelectMany(family =>
            new Iptables[] { new NftIptables(family), new LegacyIptables(family) }).Where(one => one.IsInForce())];

    /// <summary>Whether there is such a chain.</summary>
    public abstract bool Has(string chain);

    /// <summary>The rules of a chain in their order; none where there is no such chain.</summary>
    public abstract IReadOnlyList<FilterRule> Rules(string chain);

    /// <summary>All of the changes, or none.</summary>
    /// <exception cref="CniPluginException">They are refused: somebody changed the rules since they were read, or a chain to be removed is
    /// in use.</exception>
    public abstract void Change(IReadOnlyList<FilterChange> changes);

    protected abstract bool IsInForce();

    protected static CniPluginException Refused(string table, string reason) =>
        new(CniErrorCode.Internal, $"{table} refuses the firewall's rules", reason);
}
