using CniCore.Linux.Netlink;

namespace DockerDriver.Doctor;

/// <summary>
/// The kinds of interfaces that plugins make, tried: a kernel's configuration does not say which of its modules are installed.
/// </summary>
internal sealed class LinkKindsCheck() : Check("kernel", "the plugins that make such interfaces fail at the first container")
{
    private const string Parent = "cnid-parent";

    // Kind, and the plugin that makes it where that has another name.
    private static readonly (string Kind, string Plugin)[] Optional =
        [("macvlan", "macvlan"), ("ipvlan", "ipvlan"), ("vlan", "vlan"), ("ifb", "bandwidth"), ("dummy", "dummy"), ("vrf", "vrf")];

    public override Task<IReadOnlyList<Finding>> LookAsync(DoctorContext host, CancellationToken cancel)
    {
        var (hasBridge, missing) = ScratchNamespace.Try(host.Settings.RunDir, space =>
        {
            using var routes = RouteSocket.OpenIn(space);
            routes.CreateVeth(Parent, Parent + "-p");
            var parent = routes.FindLink(Parent)!.Index;
            return (routes.HasKind("bridge", 0),
                Optional.Where(one => !routes.HasKind(one.Kind, one.Kind is "ifb" or "dummy" or "vrf" ? 0 : parent)).ToList());
        });
        var used = host.UsedTypes.ToHashSet();
        List<Finding> findings = [hasBridge
            ? Ok("network namespaces, veth and bridge are there, and " + Names(Optional.Except(missing)))
            : Fail("the kernel has no bridges", Install("bridge"))];
        findings.AddRange(missing.Where(one => used.Contains(one.Plugin))
            .Select(one => Warn($"the kernel has no {one.Kind} interfaces, which the plugin {one.Plugin} makes", Install(one.Kind))));
        if (missing.Where(one => !used.Contains(one.Plugin)).ToList() is { Count: > 0 } idle)
            findings.Add(Ok($"not in this kernel, and in no list: {Names(idle)}"));
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private static string Names(IEnumerable<(string Kind, string Plugin)> kinds) => string.Join(", ", kinds.Select(one => one.Kind));

    private static string Install(string module) =>
        $"modprobe {(module == "vlan" ? "8021q" : module)} || apt-get install linux-image-$(dpkg --print-architecture)";
}
