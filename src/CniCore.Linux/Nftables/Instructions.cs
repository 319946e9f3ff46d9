using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>The kernel's instructions in our rules, in the form that nft writes.</summary>
internal static class Instructions
{
    /// <summary>The kernel's name for the register at that word of four bytes.</summary>
    public static int Register(int word) => word % 4 == 0 ? nf_tables.NFT_REG_1 + (word / 4) : nf_tables.NFT_REG32_00 + word;

    public static NftInstruction Meta(int key, int register) => NftInstruction.Of("meta", fields => fields
        .NetworkInt32(nf_tables.NFTA_META_KEY, key)
        .NetworkInt32(nf_tables.NFTA_META_DREG, register));

    public static NftInstruction SetMeta(int key) => NftInstruction.Of("meta", fields => fields
        .NetworkInt32(nf_tables.NFTA_META_KEY, key)
        .NetworkInt32(nf_tables.NFTA_META_SREG, nf_tables.NFT_REG_1));

    public static NftInstruction Payload(int header, int offset, int length, int register) => NftInstruction.Of("payload", fields => fields
        .NetworkInt32(nf_tables.NFTA_PAYLOAD_DREG, register)
        .NetworkInt32(nf_tables.NFTA_PAYLOAD_BASE, header)
        .NetworkInt32(nf_tables.NFTA_PAYLOAD_OFFSET, offset)
        .NetworkInt32(nf_tables.NFTA_PAYLOAD_LEN, length));

    public static NftInstruction Conntrack(int key, int register) => NftInstruction.Of("ct", fields => fields
        .NetworkInt32(nf_tables.NFTA_CT_DREG, register)
        .NetworkInt32(nf_tables.NFTA_CT_KEY, key));

    public static NftInstruction FibDestinationKind(int register) => NftInstruction.Of("fib", fields => fields
        .NetworkInt32(nf_tables.NFTA_FIB_DREG, register)
        .NetworkInt32(nf_tables.NFTA_FIB_RESULT, nf_tables.NFT_FIB_RESULT_ADDRTYPE)
        .NetworkInt32(nf_tables.NFTA_FIB_FLAGS, nf_tables.NFTA_FIB_F_DADDR));

    public static NftInstruction And(int register, byte[] mask, byte[]? xor = null) => NftInstruction.Of("bitwise", fields =>
    {
        fields.NetworkInt32(nf_tables.NFTA_BITWISE_SREG, register)
            .NetworkInt32(nf_tables.NFTA_BITWISE_DREG, register)
            .NetworkInt32(nf_tables.NFTA_BITWISE_LEN, mask.Length);
        Value(fields, nf_tables.NFTA_BITWISE_MASK, mask);
        Value(fields, nf_tables.NFTA_BITWISE_XOR, xor ?? new byte[mask.Length]);
    });

    public static NftInstruction Compare(bool isEqual, byte[] value) => NftInstruction.Of("cmp", fields =>
    {
        fields.NetworkInt32(nf_tables.NFTA_CMP_SREG, nf_tables.NFT_REG_1)
            .NetworkInt32(nf_tables.NFTA_CMP_OP, isEqual ? nf_tables.NFT_CMP_EQ : nf_tables.NFT_CMP_NEQ);
        Value(fields, nf_tables.NFTA_CMP_DATA, value);
    });

    /// <param name="set">The set or map.</param>
    /// <param name="isInverted">Matches what is not in the set.</param>
    /// <param name="result">The register for a map's value; null for a set.</param>
    public static NftInstruction Lookup(string set, bool isInverted = false, int? result = null) => NftInstruction.Of("lookup", fields =>
    {
        fields.Text(nf_tables.NFTA_LOOKUP_SET, set).NetworkInt32(nf_tables.NFTA_LOOKUP_SREG, nf_tables.NFT_REG_1);
        if (result is { } register)
            fields.NetworkInt32(nf_tables.NFTA_LOOKUP_DREG, register);
        if (isInverted)
            fields.NetworkInt32(nf_tables.NFTA_LOOKUP_FLAGS, nf_tables.NFT_LOOKUP_F_INV);
    });

    public static NftInstruction Verdict(int code, string chain = "") => NftInstruction.Of("immediate", fields =>
    {
        fields.NetworkInt32(nf_tables.NFTA_IMMEDIATE_DREG, nf_tables.NFT_REG_VERDICT);
        using (fields.NestUnmarked(nf_tables.NFTA_IMMEDIATE_DATA))
        using (fields.NestUnmarked(nf_tables.NFTA_DATA_VERDICT))
        {
            fields.NetworkInt32(nf_tables.NFTA_VERDICT_CODE, code);
            if (chain.Length > 0)
                fields.Text(nf_tables.NFTA_VERDICT_CHAIN, chain);
        }
    });

    public static NftInstruction Load(int register, byte[] value) => NftInstruction.Of("immediate", fields =>
    {
        fields.NetworkInt32(nf_tables.NFTA_IMMEDIATE_DREG, register);
        Value(fields, nf_tables.NFTA_IMMEDIATE_DATA, value);
    });

    /// <summary>Destination NAT to an address and a port in those registers.</summary>
    public static NftInstruction Dnat(byte family, int address, int port) => NftInstruction.Of("nat", fields => fields
        .NetworkInt32(nf_tables.NFTA_NAT_TYPE, nf_tables.NFT_NAT_DNAT)
        .NetworkInt32(nf_tables.NFTA_NAT_FAMILY, family)
        .NetworkInt32(nf_tables.NFTA_NAT_REG_ADDR_MIN, address)
        .NetworkInt32(nf_tables.NFTA_NAT_REG_ADDR_MAX, address)
        .NetworkInt32(nf_tables.NFTA_NAT_REG_PROTO_MIN, port)
        .NetworkInt32(nf_tables.NFTA_NAT_REG_PROTO_MAX, port)
        .NetworkInt32(nf_tables.NFTA_NAT_FLAGS, nf_tables.NF_NAT_RANGE_MAP_IPS | nf_tables.NF_NAT_RANGE_PROTO_SPECIFIED));

    /// <summary>Source NAT to an address in that register.</summary>
    public static NftInstruction Snat(byte family, int address) => NftInstruction.Of("nat", fields => fields
        .NetworkInt32(nf_tables.NFTA_NAT_TYPE, nf_tables.NFT_NAT_SNAT)
        .NetworkInt32(nf_tables.NFTA_NAT_FAMILY, family)
        .NetworkInt32(nf_tables.NFTA_NAT_REG_ADDR_MIN, address)
        .NetworkInt32(nf_tables.NFTA_NAT_REG_ADDR_MAX, address)
        .NetworkInt32(nf_tables.NFTA_NAT_FLAGS, nf_tables.NF_NAT_RANGE_MAP_IPS));

    private static void Value(RequestWriter fields, ushort attribute, byte[] value)
    {
        using (fields.NestUnmarked(attribute))
            fields.Bytes(nf_tables.NFTA_DATA_VALUE, value);
    }
}
