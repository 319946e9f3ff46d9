using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Plugins.Interfaces;

/// <summary>The table <c>inet cnid_forward</c>: nothing passes between interfaces that were there when the host did not forward.</summary>
internal static class ForwardingTable
{
    private static readonly NftTable Table = NftTable.Parse("inet cnid_forward");

    public static void Write(ForwardingRecord record)
    {
        using var socket = NftSocket.Open();
        socket.Replace(new TableDefinition(Table)
        {
            Sets = [new NftSet("before4", "ifname").With(record.Ipv4 ?? []), new NftSet("before6", "ifname").With(record.Ipv6 ?? [])],
            Chains =
            [
                new("forward", new("filter", "forward", NftHook.FilterPriority - 6))
                {
                    { NfProto.Is("ipv4"), IifName.In("before4"), OifName.In("before4"), Drop },
                    { NfProto.Is("ipv6"), IifName.In("before6"), OifName.In("before6"), Drop },
                },
            ],
        });
    }

    public static bool IsThere()
    {
        using var socket = NftSocket.Open();
        return socket.HasTable(Table);
    }

    public static void Delete()
    {
        using var socket = NftSocket.Open();
        socket.Delete(Table);
    }
}
