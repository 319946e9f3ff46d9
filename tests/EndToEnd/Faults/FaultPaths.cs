namespace EndToEnd.Faults;

/// <summary>Every way in which somebody makes cnid do something.</summary>
internal static class FaultPaths
{
    private const string Reference = "CNID_BUILTIN=off";
    private const string BuiltIn = "CNID_BUILTIN=always";
    private const string Pods = "-d cni -o cni.network=pods --ipam-driver null";
    private const string IPv6 = "-d cni --ipv6 --subnet 10.91.0.0/24 --subnet fd91::/64";
    private const string IpamDriver = "-d cni -o cni.network=pods --ipam-driver cni --ipam-opt cni.network=pods "
        + "--ipv6 --subnet 10.77.0.0/24 --subnet fd77::/64";
    private const string Run = "docker run -d --name one --network net -p 8080:80 lab sleep 600";
    private const string Stop = "docker stop -t0 one";
    private const string Labelled = "docker run -d --name one --network none --label cni.networks=pods --label cni.ports=8080:80";
    private const string FreshLabelled =
        "docker run --rm --network none --runtime cni --label cni.networks=pods lab ping -c1 -W3 203.0.113.2";
    private const string Known =
        "grep -q '\"engine\": {' /var/lib/cnid/networks/*.json || ! docker network inspect net > /dev/null 2>&1";
    private const string Detached = "! ls /var/lib/cnid/attachments/*.json 2> /dev/null";
    private const string Attached = "grep -q '\"phase\": \"Added\"' /var/lib/cnid/attachments/*.json || ! pgrep -x sleep > /dev/null";

    private static readonly FaultPath ByHand = new("", "")
    {
        Before = "ip netns add hand; ip -n hand link set lo up",
        After = "ip netns del hand",
        Network = null,
        Fresh = FreshLabelled,
    };

    private static readonly FaultPath ByLabel = new("", "") { Network = null, Fresh = FreshLabelled };

    // Killed with the answer that says nothing was done, or without one.
    private static readonly PinnedPoint[] Making =
    [
        new("rename", "/networks/", "after", "ENOSPC"), new("openat", "/networks/", "ENOSPC"), new("sendto", "netlink netfilter", "after"),
        new("sendmsg", "netlink netfilter", "after"),
    ];

    // Docker is told of an endpoint that nobody joins then; the interface comes back while nobody is there.
    private static readonly PinnedPoint[] Endpoints =
    [
        new("rename", "/endpoints/", "after"), new("openat", "/endpoints/", "ENOSPC"), new("socket", "", "EMFILE", "ENOMEM"),
    ];

    // An executable has run, and nothing says so: between its end and what is stored then.
    private static readonly PinnedPoint[] Executables =
    [
        new("vfork", "", "after"), new("clone", "", "after"), new("openat", "/attachments/", "before", "after"),
        new("rename", "/attachments/", "after"),
    ];

    // One file of state that cannot be read.
    private static readonly PinnedPoint[] Starting = [new("open", "/var/lib/cnid/", "EIO")];

    public static readonly FaultPath[] All =
    [
        new("create a network", "docker network create -d cni net") { Network = null, Until = Known, Pinned = Making },
        new("create a network of a list", $"docker network create {Pods} net") { Network = null, Until = Known, Pinned = Making },
        new("remove a network", "docker network rm net") { Pinned = Making },
        new("start, generated", Run) { Pinned = Endpoints },
        new("start, generated, IPv6", Run) { Network = IPv6 },
        new("start, built-in list", Run) { Network = Pods, Environment = BuiltIn },
        new("start, reference list", Run) { Network = Pods, Environment = Reference, Pinned = Executables },
        new("start, IPAM driver", Run) { Network = IpamDriver },
        new("stop, generated", Stop) { Before = Run },
        new("stop, generated, IPv6", Stop) { Before = Run, Network = IPv6 },
        new("stop, built-in list", Stop) { Before = Run, Network = Pods, Environment = BuiltIn },
        new("stop, reference list", Stop) { Before = Run, Network = Pods, Environment = Reference },
        new("remove, IPAM driver", "docker rm -f one") { Before = Run, Network = IpamDriver },
        new("restart", "docker restart -t0 one") { Before = Run, Pinned = Endpoints },
        new("connect", "docker network connect net one") { Before = "docker run -d --name one --network bridge lab sleep 600" },
        new("disconnect", "docker network disconnect net one")
        {
            Before = Run, Network = Pods, Environment = Reference, Pinned = Endpoints,
        },
        ByLabel with { Name = "attach by label", Act = Labelled + " lab sleep 600", Until = Attached, Pinned = Executables },
        ByLabel with { Name = "attach by label, built-in", Act = Labelled + " lab sleep 600", Until = Attached, Environment = BuiltIn },
        ByLabel with { Name = "detach by label", Act = Stop, Before = Labelled + " --runtime cni lab sleep 600", Until = Detached },
        ByLabel with
        {
            Name = "detach by label, built-in", Act = Stop, Before = Labelled + " --runtime cni lab sleep 600", Until = Detached,
            Environment = BuiltIn,
        },
        ByLabel with { Name = "attach by the runtime", Act = Labelled + " --runtime cni lab sleep 600" },
        ByHand with { Name = "add by hand", Act = "add pods /run/netns/hand", Verb = "", Pinned = Executables },
        ByHand with { Name = "add by hand, built-in", Act = "add pods /run/netns/hand", Verb = "", Environment = BuiltIn },
        ByHand with { Name = "delete by hand", Act = "del pods /run/netns/hand", Verb = "add pods /run/netns/hand" },
        ByHand with
        {
            Name = "delete by hand, built-in", Act = "del pods /run/netns/hand", Verb = "add pods /run/netns/hand", Environment = BuiltIn,
        },
        ByHand with { Name = "collect garbage", Act = "gc pods", Verb = "add pods /run/netns/hand" },
        new("begin with attachments", "")
        {
            IsStart = true,
            Until = "CNID health --ready",
            Before = "for n in $(seq 10); do docker run -d --network net lab sleep 600 & done; wait; "
                + "for n in $(seq 10); do docker run -d --network none --runtime cni --label cni.networks=pods lab sleep 600 & done; wait",
            Pinned = Starting,
        },
    ];
}
