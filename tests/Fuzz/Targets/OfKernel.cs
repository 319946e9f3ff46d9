using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;

namespace Fuzz.Targets;

/// <summary>The kernel's answers: rtnetlink, nf_tables, conntrack.</summary>
internal static class OfKernel
{
    private static readonly KernelObjectKind[] Kinds = Enum.GetValues<KernelObjectKind>();
    private static readonly NftTable Table = NftTable.Parse("inet cnid");

    private static readonly TableDefinition Wanted = new(Table)
    {
        Sets = [new NftSet("ports", "inet_proto . inet_service").With(["tcp . 80", "udp . 54"]), new NftSet("nets", "ipv4_addr : mark")],
        Chains =
        [
            new NftChain("forward", new("filter", "forward", 0)) { { Nft.IifName.Is("eth0"), Nft.Accept } },
            new NftChain("other"),
        ],
    };

    public static IReadOnlyList<Target> All { get; } =
    [
        new("netlink-links", Form.Netlink, Links, [typeof(NetlinkException)],
            "NetlinkSocket:Receive Next Read Unreadable ReceiveOne ThrowIfRefused", "AttributeReader",
            "RouteSocket.Links:ReadLink ReadKind ReadVlan", "RouteSocket.Settings:ReadSettings"),
        new("netlink-routes", Form.Netlink, Routes, [typeof(NetlinkException)],
            "RouteSocket.Routes:ReadRoutes WithMetrics ReadHops", "RouteSocket.Rules:ReadRule", "RouteSocket.Neighbours:ReadNeighbour"),
        new("netlink-objects", Form.Netlink, Objects, [typeof(NetlinkException)],
            "KernelObject:Attribute FirstHop get_LinkIndex get_Destination get_DestinationBytes get_Table get_Metric ToString",
            "KernelObjectForm"),
        new("nftables", Form.Netlink, Tables, [typeof(NetlinkException)],
            "NftSocket:ReadElements ReadElement Data VerdictOf",
            "NftSocket.Tables:ReadOnce ReadSet ReadRule ReadChain Attribute TextOf NumberOf",
            "NftInstruction:Read Normal ToString", "UserData:TextOf", "ElementType:OfNumber Decode", "Intervals:Join TextOf",
            "FilterRuleForm:Read ReadExpressions ReadMeta ReadPayload ReadComparison IsAnswers ReadTarget Field Text Number",
            "NftSet:TextOf ValueTextOf Decode WithElementsOfKernel", "TableDifference"),
        new("conntrack", Form.Netlink, Flows, [typeof(NetlinkException)], "ConntrackSocket:Read ReadEnds"),
    ];

    private static void Links(byte[] input)
    {
        var choice = Targets.All.Choice(input, 3, out var answers);
        using var kernel = new FakeKernel(answers);
        using var route = new RouteSocket(kernel.Open());
        switch (choice)
        {
            case 0: _ = route.Links(); break;
            case 1: _ = route.FindLink("eth0"); break;
            default: _ = route.FindSettings(2); break;
        }
    }

    private static void Routes(byte[] input)
    {
        var choice = Targets.All.Choice(input, 4, out var answers);
        using var kernel = new FakeKernel(answers);
        using var route = new RouteSocket(kernel.Open());
        switch (choice)
        {
            case 0: _ = route.Routes(); break;
            case 1: _ = route.FindLinkOf(System.Net.IPAddress.Loopback); break;
            case 2: _ = route.Rules(); break;
            default: _ = route.Neighbours(); break;
        }
    }

    private static void Objects(byte[] input)
    {
        var choice = Targets.All.Choice(input, Kinds.Length, out var answers);
        using var kernel = new FakeKernel(answers);
        using var route = new RouteSocket(kernel.Open());
        var numbers = Enumerable.Range(0, 8).ToDictionary(number => number);
        foreach (var found in route.Objects(Kinds[choice]))
        {
            _ = (found.Key, found.LinkIndex, found.ToString(), found.IsOrdinaryRoute, found.IsKernelsRoute);
            _ = found.In(numbers, new Dictionary<string, string> { ["eth0"] = "eth1" });
            if (found.Kind == KernelObjectKind.Route)
                _ = (KernelObjectForm.Paths(found).Count(), KernelObjectForm.WithMetric(found, 5));
        }
    }

    private static void Tables(byte[] input)
    {
        var choice = Targets.All.Choice(input, 7, out var answers);
        using var kernel = new FakeKernel(answers);
        using var tables = new NftSocket(kernel.Open());
        switch (choice)
        {
            case 0: _ = tables.Tables(); break;
            case 1: _ = tables.HandleOf(Table); break;
            case 2: _ = tables.Generation(); break;
            case 3:
                foreach (var rule in tables.FilterRules(Table, "FORWARD"))
                    _ = rule.Text;
                break;
            case 4: _ = tables.Elements(Table, "ports"); break;
            case 5: _ = tables.Find(Table, new("ports", [])); break;
            default:
                if (tables.Read(Table) is { } table)
                    _ = (table.ToString(), Wanted.Differences(table), table.Differences(Wanted));
                break;
        }
    }

    private static void Flows(byte[] input)
    {
        _ = Targets.All.Choice(input, 1, out var answers);
        using var kernel = new FakeKernel(answers);
        using var conntrack = new ConntrackSocket(kernel.Open());
        _ = conntrack.Flows(AddressFamily.InterNetwork, 17);
    }
}
