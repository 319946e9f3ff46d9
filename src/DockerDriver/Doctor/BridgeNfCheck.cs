using CniCore.Linux.Files;

namespace DockerDriver.Doctor;

/// <summary>Checks <c>bridge-nf-call-iptables</c>: whether frames within a bridge pass the firewall.</summary>
internal sealed class BridgeNfCheck()
    : DoctorCheck("bridge-nf", "frames between two containers of one bridge pass FORWARD only if it is on")
{
    private const string Folder = "/proc/sys/net/bridge/";
    private static readonly string[] Keys = ["bridge-nf-call-iptables", "bridge-nf-call-ip6tables"];

    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var off = Keys.Where(key => !File.Exists(Folder + key) || RegularFile.ReadAllText(Folder + key).Trim() != "1").ToList();
        return Task.FromResult<IReadOnlyList<DoctorFinding>>([Ok(off.Count == 0
            ? $"{string.Join(" and ", Keys)} are on"
            : $"{string.Join(" and ", off)} {(off.Count == 1 ? "is" : "are")} off, which is fine: enable_icc=false is implemented "
                + "by the bridge")]);
    }
}
