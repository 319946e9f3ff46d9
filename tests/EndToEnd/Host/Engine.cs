using System.Globalization;
using System.Text.RegularExpressions;

namespace EndToEnd.Host;

/// <summary>
/// The engine in the lab, and all that the tests know to be different from one engine to the next. Nothing else asks for a version.
/// </summary>
public sealed partial record Engine(int Major, int Minor, bool UsesNftables)
{
    /// <summary>
    /// Whether it gives FORWARD the policy DROP, and an administrator the chain <c>DOCKER-USER</c> in front of it. Its back end nftables
    /// has tables of its own for its own bridges, leaves iptables alone, and switches forwarding on for nobody.
    /// </summary>
    public bool ClosesForward => !UsesNftables;

    /// <summary>
    /// Whether the <c>dhcp</c> plugin beside it gives leases back so that a server hears it: since the client of plugins 1.2 its message
    /// comes from 0.0.0.0 (plugins#1278), which the server's kernel drops. Roots with 28 have 1.9.1.
    /// </summary>
    public bool HearsReleases => Major < 28;

    /// <summary>
    /// Docker 27 keeps to a pool of the IPAM driver's own address space; before, the engine asks for another one while it overlaps a route
    /// of the host.
    /// </summary>
    public bool AsksForAnotherPool => Major < 27;

    /// <summary>
    /// Whether containerd can keep its images (the feature <c>containerd-snapshotter</c>), and it says of which platform a container is.
    /// </summary>
    public bool HasContainerdImages => Major >= 28;

    /// <summary>
    /// Docker 28 chooses a container's gateway for each family, by <c>gw-priority</c> first; before, one network is the gateway.
    /// </summary>
    public bool HasGatewayPerFamily => Major >= 28;

    /// <summary>Docker 29 tells an IPAM driver for which container it wants an address.</summary>
    public bool NamesContainers => Major >= 29;

    /// <summary>From its API 1.54 on (29.3), a container that is connected gets the MAC that is asked for.</summary>
    public bool TakesMacOnConnect => Major > 29 || (Major == 29 && Minor >= 3);

    /// <summary>Docker 24 has options for all networks of a driver, which it gives to the driver as if they had been asked for.</summary>
    public bool HasDefaultNetworkOpts => Major >= 24;

    /// <summary>Docker 28 has <c>--ipv4=false</c>.</summary>
    public bool HasNetworksWithoutIPv4 => Major >= 28;

    /// <summary>Docker 28.1 has Compose's <c>interface_name</c>, as has the Compose beside it.</summary>
    public bool HasInterfaceNames => Major > 28 || (Major == 28 && Minor >= 1);

    /// <summary>Docker 29.8 calls an interface what the driver answers; before, by a prefix and a number.</summary>
    public bool HeedsInterfaceNames => Major > 29 || (Major == 29 && Minor >= 8);

    /// <param name="version">What <c>dockerd --version</c> prints.</param>
    /// <param name="backend">What <c>docker info</c> says of the firewall; engines before 28 say nothing.</param>
    public static Engine Parse(string version, string backend)
    {
        var match = Version().Match(version);
        return new(Number(1), Number(2), backend.Trim() == "nftables");

        int Number(int part) => match.Success ? int.Parse(match.Groups[part].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"version (\d+)\.(\d+)")]
    private static partial Regex Version();
}
