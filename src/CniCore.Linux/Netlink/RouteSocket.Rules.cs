using System.Net;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>The policy rules that lead to a table, of both families.</summary>
    public IReadOnlyList<RoutingRule> Rules() =>
        socket.Dump(() => RequestWriter.For(rtnl.RTM_GETRULE, rtnl.NLM_F_DUMP, new fib_rule_hdr()), ReadRule, "listing rules");

    /// <summary>Adds a rule for a source.</summary>
    public void AddRule(RoutingRule rule) => socket.Change(Write(rtnl.RTM_NEWRULE, Create, rule), $"adding the rule {rule.Priority}");

    /// <summary>Removes a rule.</summary>
    public void DeleteRule(RoutingRule rule) =>
        socket.Change(Write(rtnl.RTM_DELRULE, rtnl.NLM_F_ACK, rule), $"removing the rule {rule.Priority}");

    private static RequestWriter Write(ushort type, ushort flags, RoutingRule rule)
    {
        var request = RequestWriter.For(type, flags, new fib_rule_hdr
        {
            family = rule.Source is null ? (byte)2 : Family(rule.Source),
            src_len = (byte)rule.PrefixLength,
            table = (byte)Math.Min(rule.Table, 255),
            action = rtnl.FR_ACT_TO_TBL,
        });
        if (rule.Source is { } source)
            request.Address(rtnl.FRA_SRC, source);
        return request.Int32(rtnl.FRA_PRIORITY, rule.Priority).Int32(rtnl.FRA_TABLE, rule.Table);
    }

    private static RoutingRule? ReadRule(ReadOnlySpan<byte> body)
    {
        var message = MemoryMarshal.Read<fib_rule_hdr>(body);
        if (message.action != rtnl.FR_ACT_TO_TBL)
            return null;
        var (source, priority, table) = ((IPAddress?)null, 0, (int)message.table);
        var attributes = new AttributeReader(body[Marshal.SizeOf<fib_rule_hdr>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case rtnl.FRA_SRC: source = attributes.Address; break;
                case rtnl.FRA_PRIORITY: priority = attributes.Int32; break;
                case rtnl.FRA_TABLE: table = attributes.Int32; break;
            }
        }
        return new(source, message.src_len, table, priority);
    }
}
