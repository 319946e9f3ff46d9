using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// iptables of one family and one back end whose filter table is in use. Rules are read once and cached until this changes them: create one
/// for each look or change.
/// </summary>
internal abstract class Iptables(AddressFamily family)
{
    private readonly Dictionary<string, IReadOnlyList<FilterRule>> read = new(StringComparer.Ordinal);

    public AddressFamily Family { get; } = family;

    /// <summary>The name of the program for that family and back end.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// The ones whose filter table has rules in FORWARD: none on a host without iptables, two for a family if both back ends are in use.
    /// </summary>
    public static IReadOnlyList<Iptables> InForce(HostNetwork host) =>
        [.. new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }.SelectMany(family =>
            new Iptables[] { new NftIptables(host, family), new LegacyIptables(host, family) }).Where(backEnd => backEnd.IsInForce())];

    /// <summary>Whether the chain exists.</summary>
    public abstract bool Has(string chain);

    /// <summary>The rules of a chain, in order; empty if the chain does not exist.</summary>
    public IReadOnlyList<FilterRule> Rules(string chain)
    {
        if (!read.TryGetValue(chain, out var rules))
            read[chain] = rules = Read(chain);
        return rules;
    }

    /// <summary>Makes all of the changes, or none.</summary>
    /// <exception cref="CniPluginException">The changes are refused: the rules were changed after they were read, or a chain to be removed
    /// is in use.</exception>
    public void Change(IReadOnlyList<FilterChange> changes)
    {
        read.Clear();
        Write(changes);
    }

    protected abstract bool IsInForce();

    protected abstract IReadOnlyList<FilterRule> Read(string chain);

    protected abstract void Write(IReadOnlyList<FilterChange> changes);

    protected static CniPluginException Refused(string table, string reason) =>
        new(CniErrorCode.Internal, $"{table} refuses the firewall's rules", reason);
}
