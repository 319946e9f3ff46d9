using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>
/// A rule in the form of iptables-nft (iptables/nft-shared.c): conditions on connections are iptables matches, by nft_compat. With nft's
/// own form, iptables would refuse to read the whole table, and Docker would fail.
/// </summary>
internal static class FilterRuleForm
{
    private const int ConntrackRevision = 3;
    private static readonly byte[] Answers = AnswersInfo();

    public static void Write(RequestWriter request, FilterRule rule)
    {
        using (request.Nest(nf_tables.NFTA_RULE_EXPRESSIONS))
        {
            if (rule.Match is { } match)
                WriteMatch(request, match);
            if (rule.Also is { } also)
                WriteMatch(request, also);
            if (rule.IsAnswersOnly)
                Expression(request, "match", data => data.Text(nf_tables.NFTA_MATCH_NAME, "conntrack")
                    .NetworkInt32(nf_tables.NFTA_MATCH_REV, ConntrackRevision).Bytes(nf_tables.NFTA_MATCH_INFO, Answers));
            Expression(request, "counter", data =>
                data.Bytes(nf_tables.NFTA_COUNTER_BYTES, new byte[8]).Bytes(nf_tables.NFTA_COUNTER_PACKETS, new byte[8]));
            Expression(request, "immediate", data =>
                WriteTarget(data.NetworkInt32(nf_tables.NFTA_IMMEDIATE_DREG, nf_tables.NFT_REG_VERDICT), rule.Target));
        }
        using (request.Nest(nf_tables.NFTA_RULE_COMPAT))
            request.NetworkInt32(nf_tables.NFTA_RULE_COMPAT_PROTO, 0).NetworkInt32(nf_tables.NFTA_RULE_COMPAT_FLAGS, 0);
    }

    public static FilterRule Read(ReadOnlySpan<byte> body)
    {
        var rule = new FilterRule("", "");
        var fields = new AttributeReader(body[Marshal.SizeOf<nfgenmsg>()..]);
        while (fields.Next())
        {
            switch (fields.Type)
            {
                case nf_tables.NFTA_RULE_CHAIN: rule = rule with { Chain = fields.Text }; break;
                case nf_tables.NFTA_RULE_HANDLE: rule = rule with { Handle = BinaryPrimitives.ReadUInt64BigEndian(fields.Value) }; break;
                case nf_tables.NFTA_RULE_EXPRESSIONS: rule = ReadExpressions(rule, fields.Value); break;
            }
        }
        return rule;
    }

    private static void WriteMatch(RequestWriter request, FilterMatch match)
    {
        byte[] value;
        if (match.Interface is not null)
        {
            Expression(request, "meta", data => data
                .NetworkInt32(nf_tables.NFTA_META_KEY, match.IsSource ? nf_tables.NFT_META_IIFNAME : nf_tables.NFT_META_OIFNAME)
                .NetworkInt32(nf_tables.NFTA_META_DREG, nf_tables.NFT_REG_1));
            value = [.. Encoding.UTF8.GetBytes(match.Interface), 0];
        }
        else
        {
            value = match.Address!.GetAddressBytes();
            Expression(request, "payload", data => data
                .NetworkInt32(nf_tables.NFTA_PAYLOAD_DREG, nf_tables.NFT_REG_1)
                .NetworkInt32(nf_tables.NFTA_PAYLOAD_BASE, nf_tables.NFT_PAYLOAD_NETWORK_HEADER)
                .NetworkInt32(nf_tables.NFTA_PAYLOAD_OFFSET, Offset(match.IsSource, value.Length))
                .NetworkInt32(nf_tables.NFTA_PAYLOAD_LEN, value.Length));
        }
        Expression(request, "cmp", data =>
        {
            data.NetworkInt32(nf_tables.NFTA_CMP_SREG, nf_tables.NFT_REG_1).NetworkInt32(nf_tables.NFTA_CMP_OP, nf_tables.NFT_CMP_EQ);
            using (data.Nest(nf_tables.NFTA_CMP_DATA))
                data.Bytes(nf_tables.NFTA_DATA_VALUE, value);
        });
    }

    private static void WriteTarget(RequestWriter data, string target)
    {
        using (data.Nest(nf_tables.NFTA_IMMEDIATE_DATA))
        using (data.Nest(nf_tables.NFTA_DATA_VERDICT))
        {
            if (target == FilterRule.Accept)
                data.NetworkInt32(nf_tables.NFTA_VERDICT_CODE, nf_tables.NF_ACCEPT);
            else
                data.NetworkInt32(nf_tables.NFTA_VERDICT_CODE, nf_tables.NFT_JUMP).Text(nf_tables.NFTA_VERDICT_CHAIN, target);
        }
    }

    private static void Expression(RequestWriter request, string name, Action<RequestWriter> fields)
    {
        using (request.Nest(nf_tables.NFTA_LIST_ELEM))
        {
            request.Text(nf_tables.NFTA_EXPR_NAME, name);
            using (request.Nest(nf_tables.NFTA_EXPR_DATA))
                fields(request);
        }
    }

    private static FilterRule ReadExpressions(FilterRule rule, ReadOnlySpan<byte> body)
    {
        FilterMatch? loaded = null; // its value comes with the comparison
        var expressions = new AttributeReader(body);
        while (expressions.Next())
        {
            var data = Field(expressions.Value, nf_tables.NFTA_EXPR_DATA);
            switch (Text(expressions.Value, nf_tables.NFTA_EXPR_NAME))
            {
                case "counter": break;
                case "meta": loaded = ReadMeta(data); break;
                case "payload": loaded = ReadPayload(data); break;
                case "cmp" when loaded is { } match && ReadComparison(data, match) is { } whole:
                    rule = rule switch
                    {
                        { Match: null } => rule with { Match = whole },
                        { Also: null } => rule with { Also = whole },
                        _ => rule with { IsForeign = true, IsConditional = true },
                    };
                    break;
                case "match" when IsAnswers(data): rule = rule with { IsAnswersOnly = true }; break;
                case "match" when Text(data, nf_tables.NFTA_MATCH_NAME) == "comment": rule = rule with { IsForeign = true }; break;
                case "immediate": rule = rule with { Target = ReadTarget(data) }; break;
                case "target":
                    rule = rule with
                    {
                        IsForeign = true,
                        Target = Text(data, nf_tables.NFTA_TARGET_NAME) == FilterRule.Reject
                    ? FilterRule.Reject
                    : ""
                    }; break;
                case "reject": rule = rule with { IsForeign = true, Target = FilterRule.Reject }; break;
                default: rule = rule with { IsForeign = true, IsConditional = true }; break;
            }
        }
        return rule;
    }

    private static FilterMatch? ReadMeta(ReadOnlySpan<byte> data) => Number(data, nf_tables.NFTA_META_KEY) switch
    {
        nf_tables.NFT_META_IIFNAME => new(true, "", null),
        nf_tables.NFT_META_OIFNAME => new(false, "", null),
        _ => null,
    };

    private static FilterMatch? ReadPayload(ReadOnlySpan<byte> data)
    {
        var (offset, length) = (Number(data, nf_tables.NFTA_PAYLOAD_OFFSET), Number(data, nf_tables.NFTA_PAYLOAD_LEN));
        if (Number(data, nf_tables.NFTA_PAYLOAD_BASE) != nf_tables.NFT_PAYLOAD_NETWORK_HEADER || length is not (4 or 16))
            return null;
        if (offset == Offset(isSource: true, length))
            return new(true, null, IPAddress.Any);
        return offset == Offset(isSource: false, length) ? new(false, null, IPAddress.Any) : null;
    }

    private static FilterMatch? ReadComparison(ReadOnlySpan<byte> data, FilterMatch match)
    {
        if (Number(data, nf_tables.NFTA_CMP_OP) != nf_tables.NFT_CMP_EQ)
            return null;
        var fields = new AttributeReader(Field(data, nf_tables.NFTA_CMP_DATA));
        if (!fields.Next())
            return null;
        if (match.Interface is null)
            return fields.Value.Length is 4 or 16 ? match with { Address = fields.Address } : null;
        return fields.Value is [.., 0] ? match with { Interface = fields.Text } : null; // without the zero it is a prefix: eth+
    }

    private static bool IsAnswers(ReadOnlySpan<byte> data) =>
        Text(data, nf_tables.NFTA_MATCH_NAME) == "conntrack" && Field(data, nf_tables.NFTA_MATCH_INFO).SequenceEqual(Answers);

    private static string ReadTarget(ReadOnlySpan<byte> data)
    {
        var verdict = Field(Field(data, nf_tables.NFTA_IMMEDIATE_DATA), nf_tables.NFTA_DATA_VERDICT);
        return Number(verdict, nf_tables.NFTA_VERDICT_CODE) switch
        {
            nf_tables.NF_ACCEPT => FilterRule.Accept,
            nf_tables.NF_DROP => FilterRule.Drop,
            nf_tables.NFT_RETURN => FilterRule.Return,
            nf_tables.NFT_JUMP or nf_tables.NFT_GOTO => Text(verdict, nf_tables.NFTA_VERDICT_CHAIN),
            _ => "",
        };
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> body, ushort type)
    {
        var fields = new AttributeReader(body);
        while (fields.Next())
        {
            if (fields.Type == type)
                return fields.Value;
        }
        return default;
    }

    private static string Text(ReadOnlySpan<byte> body, ushort type) => Encoding.UTF8.GetString(Field(body, type).TrimEnd((byte)0));

    private static int? Number(ReadOnlySpan<byte> body, ushort type) =>
        Field(body, type) is { Length: 4 } value ? BinaryPrimitives.ReadInt32BigEndian(value) : null;

    // The offset is in the header of IPv4 or IPv6, which the length of the address tells.
    private static int Offset(bool isSource, int? length) => (isSource, length) switch
    {
        (true, 4) => 12,
        (false, 4) => 16,
        (true, _) => 8,
        (false, _) => 24,
    };

    // The kernel counts in units of eight bytes.
    private static byte[] AnswersInfo()
    {
        var info = new byte[(Marshal.SizeOf<xt_conntrack_mtinfo3>() + 7) & ~7];
        MemoryMarshal.Write(info, new xt_conntrack_mtinfo3
        {
            match_flags = xt_conntrack.XT_CONNTRACK_STATE,
            state_mask = (ushort)(xt_conntrack.XT_CONNTRACK_STATE_BIT(xt_conntrack.IP_CT_RELATED) | xt_conntrack.XT_CONNTRACK_STATE_BIT(
                xt_conntrack.IP_CT_ESTABLISHED) | xt_conntrack.XT_CONNTRACK_STATE_DNAT),
        });
        return info;
    }
}
