using EndToEnd.Host;

namespace EndToEnd.Fidelity;

/// <summary>docs/fidelity.md is written from the table that is tested. Delete it and run this to write it anew.</summary>
public sealed class FidelityPageTests
{
    private const string Head = """
        # What a list does to a container

        A plugin runs in a holding namespace of cnid's, and Docker moves the interface into the container. What else the plugin set up,
        and what an interface loses when it is moved, cnid replays in the container: on Docker 28 and later before its process starts, on
        older engines as soon as Docker has set up what it was told. (Containers of `--network none` need none of
        it: there the plugins run in the container itself.)

        Each row is a test on a real engine: the list is added to a bare namespace by `cnid add` and to a container by Docker, with the
        reference plugins, and the two must hold the same, line by line: links with their settings, addresses with scope and flags, routes
        of all tables with metric, source, MTU and next hops, rules, permanent and proxy neighbours, queueing disciplines and classes, and
        the sysctls of the namespace and its interfaces (`tests/EndToEnd/Host/namespace-state.sh`).

        | list | the plugins' configurations |
        |---|---|

        """;

    private const string Tail = """

        The last one is a shell script that does all of the above at once and makes a second interface; it stands for plugins that know
        nothing of cnid.

        **What Docker sets itself** is left out of the comparison: `disable_ipv6` (libnetwork switches IPv6 off where it was told no such
        address), `ip_unprivileged_port_start` and `ping_group_range` (runc), and the random `tcp_fastopen_key`.

        ## What is not carried over

        - `u32` filters: their messages hold numbers of hash tables, which the kernel has given. Other filters are.
        - Anything of a generated network (`docker network create -d cni` without a list): libnetwork sets all of it.
        - What a plugin keeps on the host, rules, sets, a bridge: it stays where it is.
        - The name of a further interface that is `eth` and a number: it becomes `cnieth` and the number, for `eth` is Docker's to number.

        **Not in the table**: `dhcp` has tests of its own, since no two leases are the same (docs/dhcp.md). `vlan`, `ipvlan`, `dummy` and
        `vrf` could not be tried here: the kernel on which this was made has none of the four.

        """;

    [Fact]
    public void Page_IsTheTable()
    {
        var path = Path.Combine(Machine.Repository, "docs/fidelity.md");
        var text = Head + string.Concat(Chain.All.Select(chain =>
            $"| {chain.Name} | `{chain.Plugins.Replace("|", "\\|", StringComparison.Ordinal)}` |\n")) + Tail;
        if (!File.Exists(path))
            File.WriteAllText(path, text);
        Assert.Equal(text, File.ReadAllText(path));
    }
}
