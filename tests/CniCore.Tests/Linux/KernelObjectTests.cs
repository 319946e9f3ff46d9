using System.Diagnostics;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Tests.Linux;

public sealed class KernelObjectTests : LinuxTest
{
    private const string Script = """
        ip address add 10.9.0.2/24 dev far && ip address add 192.0.2.1 peer 192.0.2.2/32 dev far
        ip link set far up
        ip route add 10.10.0.0/16 via 10.9.0.1 metric 7 mtu 1300 table 9 src 10.9.0.2
        ip route add 10.11.0.0/16 nexthop via 10.9.0.1 weight 2 nexthop via 10.9.0.9 weight 3
        ip rule add iif far lookup 9 priority 99
        ip neighbour add 10.9.0.250 lladdr 02:00:00:00:00:fa dev far
        tc qdisc add dev far root handle 7: htb default 1
        tc class add dev far parent 7: classid 7:1 htb rate 8mbit
        tc qdisc add dev far parent 7:1 handle 71: tbf rate 8mbit burst 20k latency 50ms
        tc qdisc add dev far ingress
        """;

    [Fact]
    public void Objects_AskedForInAnotherNamespace_AreTheSameThere()
    {
        var one = Space("one");
        var other = Space("other");
        Prepare(one, "far");
        Prepare(other, "eth5");
        one.Inside(() => Shell(Script));
        using RouteSocket from = RouteSocket.OpenIn(one), to = RouteSocket.OpenIn(other);
        to.SetUp(to.FindLink("eth5")!.Index);
        var indexes = new Dictionary<int, int> { [from.FindLink("far")!.Index] = to.FindLink("eth5")!.Index };
        var names = new Dictionary<string, string> { ["far"] = "eth5" };

        var kinds = Enum.GetValues<KernelObjectKind>().Where(kind => kind != KernelObjectKind.Filter).ToArray();
        var wanted = kinds.SelectMany(from.Objects).Select(one => one.In(indexes, names)).OfType<KernelObject>()
            .Where(one => !one.IsKernelsRoute && !one.Destination.IsIPv6LinkLocal && !one.Destination.IsIPv6Multicast).ToList();
        Assert.Equal(kinds, wanted.Select(one => one.Kind).Distinct().Order());

        Assert.Empty(to.AddMissing(wanted).Select(fault => fault.Message));
        Assert.Empty(wanted.ExceptBy(kinds.SelectMany(to.Objects).Select(made => made.Key), wish => wish.Key)
            .Select(wish => wish.ToString()));
        Assert.Empty(to.AddMissing(wanted)); // right to repeat
    }

    private static void Prepare(NetworkNamespace space, string name)
    {
        using var route = RouteSocket.OpenIn(space);
        route.CreateVeth(name, "peer");
        route.SetUp(route.FindLink("peer")!.Index);
    }

    private static void Shell(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-ec", script]) { RedirectStandardError = true })!;
        var errors = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        Assert.True(shell.ExitCode == 0, errors);
    }
}
