using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>The protocol that a packet must have before a header field of it is read. As with nft, each rule checks it once.</summary>
/// <param name="IsTransport">Whether it is a transport protocol; else IPv4 or IPv6.</param>
/// <param name="Protocol">The IP protocol number, or the family.</param>
internal readonly record struct NftDependency(bool IsTransport, byte Protocol)
{
    private static readonly byte[] EtherTypeIp = [0x08, 0x00];
    private static readonly byte[] EtherTypeIp6 = [0x86, 0xdd];

    public static readonly NftDependency Ip = new(false, nf_tables.NFPROTO_IPV4);
    public static readonly NftDependency Ip6 = new(false, nf_tables.NFPROTO_IPV6);

    /// <summary>The check, in a table of that family; empty if the family implies it.</summary>
    public IReadOnlyList<NftInstruction> In(NftTable table)
    {
        if (IsTransport)
            return [Instructions.Meta(nf_tables.NFT_META_L4PROTO, nf_tables.NFT_REG_1), Instructions.Compare(isEqual: true, [Protocol])];
        return table.Family switch
        {
            nf_tables.NFPROTO_INET =>
                [Instructions.Meta(nf_tables.NFT_META_NFPROTO, nf_tables.NFT_REG_1), Instructions.Compare(isEqual: true, [Protocol])],
            nf_tables.NFPROTO_BRIDGE =>
            [
                Instructions.Meta(nf_tables.NFT_META_PROTOCOL, nf_tables.NFT_REG_1),
                Instructions.Compare(isEqual: true, this == Ip ? EtherTypeIp : EtherTypeIp6),
            ],
            _ => [],
        };
    }
}
