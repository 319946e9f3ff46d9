using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>
/// The protocol a packet must be of, before a field of that protocol's header is looked at. nft adds the question itself, once a rule.
/// </summary>
/// <param name="IsTransport">Of the transport layer; else IPv4 or IPv6.</param>
/// <param name="Protocol">IP's number, or the family.</param>
internal readonly record struct NftDependency(bool IsTransport, byte Protocol)
{
    private static readonly byte[] EtherTypeIp = [0x08, 0x00];
    private static readonly byte[] EtherTypeIp6 = [0x86, 0xdd];

    public static readonly NftDependency Ip = new(false, nf_tables.NFPROTO_IPV4);
    public static readonly NftDependency Ip6 = new(false, nf_tables.NFPROTO_IPV6);

    /// <summary>The question, in a table of that family; none where the family is the answer.</summary>
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
