namespace DockerDriver.Doctor;

/// <summary><c>bridge-nf-call-iptables</c>: whether frames within a bridge pass the firewall.</summary>
internal sealed class BridgeNfCheck() : Check("bridge-nf", "frames between two containers of one bridge pass FORWARD only where it is on")
{
    private const string Folder = "/proc/sys/net/bridge/";
    private static readonly string[] Keys = ["bridge-nf-call-iptables", "bridge-nf-call-ip6tables"];

    public override Task<IReadOnlyList<Finding>> LookAsync(ExaminedHost host, CancellationToken cancel)
    {
        var off = Keys.Where(key => !File.Exists(Folder + key) || File.ReadAllText(Folder + key).Trim() != "1").ToList();
        return Task.FromResult<IReadOnlyList<Finding>>([Look(host, off)]);
    }

    private Finding Look(ExaminedHost host, List<string> off)
    {
        if (off.Count == 0)
            return Ok($"{string.Join(" and ", Keys)} are on");
        var apart = host.Networks.Where(network => network.Bridge is { Icc: false }).Select(network => network.Bridge!.Name).ToList();
        return apart.Count == 0
            ? Ok($"{string.Join(" and ", off)} {(off.Count == 1 ? "is" : "are")} off, which no network minds")
            : Fail(
                $"{string.Join(" and ", off)} {(off.Count == 1 ? "is" : "are")} off",
                $"modprobe br_netfilter; sysctl -w {string.Join(' ', off.Select(key => $"net.bridge.{key}=1"))}",
                $"containers on {string.Join(", ", apart)} are to be kept apart (enable_icc=false), and reach each other past the firewall");
    }
}
