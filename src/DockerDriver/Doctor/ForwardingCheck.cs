using CniCore.Linux.Files;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace DockerDriver.Doctor;

/// <summary>Checks the sysctls for IP forwarding.</summary>
internal sealed class ForwardingCheck()
    : DoctorCheck("forwarding", "without it the host forwards nothing: containers reach nothing beyond their own network")
{
    private const string V4 = "net.ipv4.ip_forward";
    private const string V6 = "net.ipv6.conf.all.forwarding";
    private const string NoV6 = "net.ipv6.conf.all.disable_ipv6";

    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<DoctorFinding>>([.. Run(host)]);

    private IEnumerable<DoctorFinding> Run(DoctorContext host)
    {
        var forwarding = new HostForwarding(host.Firewall.Host);
        var byCnid = forwarding.Find();
        if (byCnid is not null && !forwarding.IsKept())
            yield return Fail(
                "cnid turned forwarding on, and its table inet cnid_forward is missing",
                ServiceCommand.StartCnid(),
                "the host forwards between its other interfaces; the daemon restores the table within 30 s");
        yield return Read(V4) == "1" ? Ok($"{V4} is on{InterfaceText(byCnid?.Ipv4)}") : Fail($"{V4} is off", $"sysctl -w {V4}=1");
        if (!host.Networks.SelectMany(network => network.Bridge?.Gateways ?? []).Any(IsV6))
            yield break;
        yield return Read(V6) == "1"
            ? Ok($"{V6} is on{InterfaceText(byCnid?.Ipv6)}")
            : Fail($"{V6} is off, and there are networks with IPv6", $"sysctl -w {V6}=1");
        if (Read(NoV6) == "1")
            yield return Fail($"{NoV6} is on, and there are networks with IPv6", $"sysctl -w {NoV6}=0",
                "new interfaces get no IPv6 address");
    }

    private static string InterfaceText(IReadOnlyList<string>? interfaces) => interfaces switch
    {
        null => "",
        [] => "; cnid turned it on",
        _ => $"; cnid turned it on, and nothing is forwarded between {string.Join(", ", interfaces)}, which were there before (table "
            + "inet cnid_forward)",
    };

    private static bool IsV6(string gateway) =>
        CidrAddress.Parse(gateway).Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    private static string Read(string sysctl)
    {
        var path = "/proc/sys/" + sysctl.Replace('.', '/');
        return File.Exists(path) ? RegularFile.ReadAllText(path).Trim() : "";
    }
}
