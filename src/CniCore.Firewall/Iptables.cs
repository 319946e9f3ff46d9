using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// iptables of one family and one back end, where its filter table is in force. What was read is kept until this changes it: it is made for
/// one look or one change.
/// </summary>
internal abstract class Iptables(AddressFamily family)
{
    private readonly Dictionary<string, IReadOnlyList<FilterRule>> read = new(StringComparer.Ordinal);

    public AddressFamily Family { get; } = family;

    /// <summary>The program of that family and back end.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Those whose filter table forwards by rules: none on a host without iptables, two of a family where both back ends are used.
    /// </summary>
    public static IReadOnlyList<Iptables> InForce(HostNetwork host) =>
        [.. new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }.SelectMany(family =>
            new Iptables[] { new NftIptables(host, family), new LegacyIptables(host, family) }).Where(backEnd => backEnd.IsInForce())];

    /// <summary>Whether there is such a chain.</summary>
    public abstract bool Has(string chain);

    /// <summary>The rules of a chain in their order; none where there is no such chain.</summary>
    public IReadOnlyList<FilterRule> Rules(string chain)
    {
        if (!read.TryGetValue(chain, out var rules))
            read[chain] = rules = Read(chain);
        return rules;
    }

    /// <summary>All of the changes, or none.</summary>
    /// <exception cref="CniPluginException">They are refused: somebody changed the rules since they were read, or a chain to be removed is
    /// in use.</exception>
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
