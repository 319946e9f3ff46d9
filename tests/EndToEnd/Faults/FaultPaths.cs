namespace EndToEnd.Faults;

/// <summary>Every way in which somebody makes cnid do something.</summary>
internal static class FaultPaths
{
    private const string Reference = "CNID_BUILTIN=off";
    private const string BuiltIn = "CNID_BUILTIN=always";
    private const string Pods = "-d cni -o cni.network=pods --ipam-driver null";
    private const string Run = "docker run -d --name one --network net -p 8080:80 lab sleep 600";
    private const string Labelled = "docker run -d --name one --network none --label cni.networks=pods --label cni.ports=8080:80";
    private const string FreshLabelled =
        "docker run --rm --network none --runtime cni --label cni.networks=pods lab ping -c1 -W3 203.0.113.2";
    private const string Attached = "CNID attachments | grep -q added";
    private const string Space = "ip netns add hand; ip -n hand link set lo up";
    private const string NoSpace = "ip netns del hand";

    public static readonly FaultPath[] All =
    [
        new("create a network", "docker network create -d cni net") { Network = null },
        new("create a network of a list", $"docker network create {Pods} net") { Network = null },
        new("remove a network", "docker network rm net"),
        new("start, generated", Run),
        new("start, generated, IPv6", Run) { Network = "-d cni --ipv6 --subnet 10.91.0.0/24 --subnet fd91::/64" },
        new("start, built-in list", Run) { Network = Pods, Environment = BuiltIn },
        new("start, reference list", Run) { Network = Pods, Environment = Reference },
        new("start, IPAM driver", Run) { Network = "-d cni -o cni.network=pods --ipam-driver cni --ipam-opt cni.network=pods" },
        new("stop, generated", "docker stop -t0 one") { Before = Run },
        new("stop, built-in list", "docker stop -t0 one") { Before = Run, Network = Pods, Environment = BuiltIn },
        new("stop, reference list", "docker stop -t0 one") { Before = Run, Network = Pods, Environment = Reference },
        new("remove, IPAM driver", "docker rm -f one")
        {
            Before = Run, Network = "-d cni -o cni.network=pods --ipam-driver cni --ipam-opt cni.network=pods",
        },
        new("restart", "docker restart -t0 one") { Before = Run },
        new("connect", "docker network connect net one") { Before = "docker run -d --name one --network bridge lab sleep 600" },
        new("disconnect", "docker network disconnect net one") { Before = Run, Network = Pods, Environment = Reference },
        new("attach by label", Labelled + " lab sleep 600") { Until = Attached, Network = null, Fresh = FreshLabelled },
        new("detach by label", "docker stop -t0 one")
        {
            Before = Labelled + " --runtime cni lab sleep 600", Until = "! " + Attached, Network = null, Fresh = FreshLabelled,
        },
        new("attach by the runtime", Labelled + " --runtime cni lab sleep 600") { Network = null, Fresh = FreshLabelled },
        new("add by hand", "add pods /run/netns/hand")
        {
            Verb = "", Before = Space, After = NoSpace, Network = null, Fresh = FreshLabelled,
        },
        new("delete by hand", "del pods /run/netns/hand")
        {
            Verb = "add pods /run/netns/hand", Before = Space, After = NoSpace, Network = null, Fresh = FreshLabelled,
        },
        new("collect garbage", "gc pods")
        {
            Verb = "add pods /run/netns/hand", Before = Space, After = NoSpace, Network = null, Fresh = FreshLabelled,
        },
        new("begin with attachments", "")
        {
            IsStart = true,
            Until = "CNID health --ready",
            Before = "for n in $(seq 10); do docker run -d --network net lab sleep 600 & done; wait; "
                + "for n in $(seq 10); do docker run -d --network none --runtime cni --label cni.networks=pods lab sleep 600 & done; wait",
        },
    ];
}
