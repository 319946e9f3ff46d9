using CniCore.Linux;
using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>The table <c>inet cnid_forward</c>: drops packets between interfaces that existed before cnid enabled forwarding.</summary>
internal sealed class ForwardingTable(HostNetwork host)
{
    private static readonly NftTable Name = NftTable.Parse("inet cnid_forward");

    /// <summary>The table for these interfaces, by family.</summary>
    public static TableDefinition Definition(IReadOnlyList<string> interfaces4, IReadOnlyList<string> interfaces6) => new(Name)
    {
        Sets = [new NftSet("before4", "ifname").With(interfaces4), new NftSet("before6", "ifname").With(interfaces6)],
        Chains =
        [
            new("forward", new("filter", "forward", NftHook.FilterPriority - 6))
            {
                { NfProto.Is("ipv4"), IifName.In("before4"), OifName.In("before4"), Drop },
                { NfProto.Is("ipv6"), IifName.In("before6"), OifName.In("before6"), Drop },
            },
        ],
    };

    /// <summary>Writes the table.</summary>
    public void Write(IReadOnlyList<string> interfaces4, IReadOnlyList<string> interfaces6) =>
        host.Nftables.Replace(Definition(interfaces4, interfaces6));

    /// <summary>Whether the table exists.</summary>
    public bool Exists() => host.Nftables.HasTable(Name);

    /// <summary>Deletes the table. Idempotent.</summary>
    public void Delete() => host.Nftables.Delete(Name);
}
