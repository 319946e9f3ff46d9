using System.Diagnostics;
using System.Text.Json.Nodes;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using CniCore.Tests.Linux;

namespace CniCore.Tests.Plugins;

/// <summary>
/// A built-in beside its reference (1.1.1): the same input in two worlds, then the same answer and the same things left, but for the
/// <see cref="Differences"/>.
/// </summary>
public abstract class SideBySideTest : LinuxTest
{
    protected SideBySideTest() => Assert.SkipUnless(ReferenceInvoker.IsThere, "needs the reference plugins in /usr/lib/cni");

    /// <summary>A world with the host's <c>lo</c> up.</summary>
    private protected PluginWorld World(string name)
    {
        var (host, container) = (PathOf(name + "-host"), PathOf(name + "-container"));
        var space = Space(name + "-host");
        var world = new PluginWorld(Directory.CreateDirectory(PathOf(name)).FullName, FirewallOf(space), space, host,
            Space(name + "-container"), container);
        using var route = world.OnHost();
        route.SetUp(1);
        return world;
    }

    /// <summary>
    /// Does the same in two worlds; each side's CHECK and DEL then work on what the other made, if <paramref name="crossed"/>.
    /// </summary>
    private protected void AssertSame(PluginCase what,
        Action<PluginWorld> prepare, Func<PluginWorld, string?>? previous = null, bool crossed = true)
    {
        var (ours, theirs) = (World("ours"), World("theirs"));
        prepare(ours);
        prepare(theirs);
        var before = WorldState.Of(theirs, what.Config + what.Args);
        var (left, right) = (ours.Run(CniCommand.Add, what, builtin: true, previous?.Invoke(ours)),
            theirs.Run(CniCommand.Add, what, builtin: false, previous?.Invoke(theirs)));

        Assert.Equal(WorldState.Of(theirs, right, what.Config + what.Args), WorldState.Of(ours, left, what.Config + what.Args));
        var state = WorldState.Of(theirs, what.Config + what.Args);
        Assert.NotEqual(before, state);
        Assert.Equal(state, WorldState.Of(ours, what.Config + what.Args));

        foreach (var (world, result, maker) in new[] { (ours, left, true), (theirs, right, false) })
        {
            if (CniVersions.Allows(VersionOf(result), CniCommand.Check))
            {
                world.Run(CniCommand.Check, what, builtin: maker, result);
                world.Run(CniCommand.Check, what, builtin: maker ^ crossed, result);
            }
            world.Run(CniCommand.Del, what, builtin: maker ^ crossed, result);
        }
        Assert.Equal(WorldState.Of(theirs, what.Config + what.Args), WorldState.Of(ours, what.Config + what.Args));
    }

    /// <summary>
    /// All there is in a world but files, that the host forwards, and what keeps it from being a router: to be equal before and after.
    /// </summary>
    private protected static string Inventory(PluginWorld world) =>
        string.Join('\n', WorldState.Of(world, "").Split('\n').Where(line => !line.StartsWith("host sysctl", StringComparison.Ordinal)))
            + Rules(world);

    private protected static string Rules(PluginWorld world) =>
        Shell(world.Host, "nft list ruleset | sed '/^table inet cnid_forward /,/^}/d'");

    /// <summary>Runs a shell command in a namespace; it must succeed.</summary>
    private protected static string Shell(NetworkNamespace space, string command) => space.Inside(() =>
    {
        using var process = Children.Start(new ProcessStartInfo("bash", ["-c", $"exec 2>&1; {command}"]) { RedirectStandardOutput = true });
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command}\n{output}");
        return output;
    });

    private protected static Link? LinkIn(RouteSocket socket, string name)
    {
        using (socket)
            return socket.FindLink(name);
    }

    private static string VersionOf(string result) => (string)JsonNode.Parse(result)!["cniVersion"]!;
}
