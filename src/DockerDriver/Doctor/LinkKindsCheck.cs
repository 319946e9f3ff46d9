using CniCore.Linux.Netlink;

namespace DockerDriver.Doctor;

/// <summary>
/// Creates each kind of interface that plugins create: a kernel's configuration does not tell which modules are installed.
/// </summary>
internal sealed class LinkKindsCheck() : DoctorCheck("kernel", "the plugins that create such interfaces fail")
{
    private const string Parent = "cnid-parent";

    // The kind, and the plugin that creates it.
    private static readonly (string Kind, string Plugin)[] Optional =
        [("macvlan", "macvlan"), ("ipvlan", "ipvlan"), ("vlan", "vlan"), ("ifb", "bandwidth"), ("dummy", "dummy"), ("vrf", "vrf")];

    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var (hasBridge, missing) = ScratchNamespace.Use(host.Settings.RunDir, netns =>
        {
            using var routes = RouteSocket.OpenIn(netns);
            routes.CreateVeth(Parent, Parent + "-p");
            var parent = routes.FindLink(Parent)!.Index;
            return (routes.HasKind("bridge", 0),
                Optional.Where(kind => !routes.HasKind(kind.Kind, kind.Kind is "ifb" or "dummy" or "vrf" ? 0 : parent)).ToList());
        });
        var used = host.UsedTypes.ToHashSet();
        List<DoctorFinding> findings = [hasBridge
            ? Ok("network namespaces, veth and bridge are there, and " + Names(Optional.Except(missing)))
            : Fail("the kernel has no bridges", Install("bridge"))];
        findings.AddRange(missing.Where(kind => used.Contains(kind.Plugin))
            .Select(kind => Warn($"the kernel has no {kind.Kind} interfaces, which the plugin {kind.Plugin} creates", Install(kind.Kind))));
        if (missing.Where(kind => !used.Contains(kind.Plugin)).ToList() is { Count: > 0 } idle)
            findings.Add(Ok($"not in this kernel, and in no list: {Names(idle)}"));
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(findings);
    }

    private static string Names(IEnumerable<(string Kind, string Plugin)> kinds) => string.Join(", ", kinds.Select(kind => kind.Kind));

    private static string Install(string module) =>
        $"modprobe {(module == "vlan" ? "8021q" : module)} || apt-get install linux-image-$(dpkg --print-architecture)";
}
