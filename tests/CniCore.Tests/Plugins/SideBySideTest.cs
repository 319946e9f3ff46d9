using CniCore.Linux.Netlink;
using CniCore.Spec;
using CniCore.Tests.Linux;

namespace CniCore.Tests.Plugins;

/// <summary>
/// A built-in beside its reference (1.1.1): the same input in two worlds, then the same answer and the same things left.
/// Differences made on purpose, which the cases keep clear of:
/// <list type="bullet">
/// <item>IPv6 addresses have <c>nodad</c>: nobody waits for what can only be found by waiting, and addresses are IPAM's to give.</item>
/// <item>loopback: results before 1.0.0 have their version's shape; the reference prints that of 1.0.0.</item>
/// <item>tuning: a MAC appears in the result as the kernel shows it, however it was written, so that the next CHECK finds it equal.</item>
/// <item>tuning: a sysctl of several words passes CHECK although the kernel separates them by tabs; nothing is checked that was not
/// configured: a capture inside makes the interface promiscuous; the backup names its network, for GC.</item>
/// <item>As later references do and 1.1.1 does not: the transmit queue has the kernel's length, ndisc_notify and keep_addr_on_down are set.</item>
/// <item>Everywhere: unknown <c>CNI_ARGS</c> are passed over with or without <c>IgnoreUnknown</c>.</item>
/// <item>macvlan, ptp: DEL deletes before it tells a fault; a namespace that is none is no fault of DEL.</item>
/// <item>ptp: two addresses of one subnet are set, where the reference fails over the second; an address that the host has a route for
/// already is a fault, as no packet would come; the host's end has a name that DEL can tell.</item>
/// <item>ptp: masquerade is nftables whatever the backend, and CHECK looks for it.</item>
/// </list>
/// </summary>
public abstract class SideBySideTest : LinuxTest
{
    protected SideBySideTest() => Assert.SkipUnless(ReferenceInvoker.IsThere, "needs the reference plugins in /usr/lib/cni");

    /// <summary>A world with the host's <c>lo</c> up.</summary>
    private protected PluginWorld World(string name)
    {
        var (host, container) = (PathOf(name + "-host"), PathOf(name + "-container"));
        var world = new PluginWorld(Directory.CreateDirectory(PathOf(name)).FullName, Space(name + "-host"), host, Space(name + "-container"), container);
        using var route = world.OnHost();
        route.SetUp(1);
        return world;
    }

    /// <summary>Does the same in two worlds; each side's CHECK and DEL then work on what the other made.</summary>
    private protected void AssertSame(PluginCase what, Action<PluginWorld> prepare, Func<PluginWorld, string?>? previous = null)
    {
        var (ours, theirs) = (World("ours"), World("theirs"));
        prepare(ours);
        prepare(theirs);
        var before = WorldState.Of(theirs, what.Config + what.Args);
        var (left, right) = (ours.Run(CniCommand.Add, what, builtin: true, previous?.Invoke(ours)), theirs.Run(CniCommand.Add, what, builtin: false, previous?.Invoke(theirs)));

        Assert.Equal(WorldState.Of(theirs, right, what.Config + what.Args), WorldState.Of(ours, left, what.Config + what.Args));
        var state = WorldState.Of(theirs, what.Config + what.Args);
        Assert.NotEqual(before, state);
        Assert.Equal(state, WorldState.Of(ours, what.Config + what.Args));

        foreach (var (world, result, maker) in new[] { (ours, left, true), (theirs, right, false) })
        {
            world.Run(CniCommand.Check, what, builtin: maker, result);
            world.Run(CniCommand.Check, what, builtin: !maker, result);
            world.Run(CniCommand.Del, what, builtin: !maker, result);
        }
        Assert.Equal(WorldState.Of(theirs, what.Config + what.Args), WorldState.Of(ours, what.Config + what.Args));
    }

    private protected static Link? LinkIn(RouteSocket socket, string name)
    {
        using (socket)
            return socket.FindLink(name);
    }
}
