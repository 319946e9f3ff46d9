using System.Text.Json;
using DockerDriver.NetworkDriver;
using DockerDriver.Sandboxes.Replay;

namespace DockerDriver.Tests.NetworkDriver;

/// <summary>Sysctls that both a container's user and a list's <c>tuning</c> set.</summary>
public sealed class EndpointSysctlsTests
{
    [Theory]
    [InlineData("IFNAME")]
    [InlineData("ifname")] // as Docker's client writes it
    public void C_Merge_TheUsersHold_AndTheDifferenceIsSaid(string name)
    {
        using var given = JsonDocument.Parse($"\"net.ipv4.conf.{name}.log_martians=0,net.ipv4.neigh.{name}.mcast_solicit=5,nonsense\"");
        var user = EndpointOptions.Sysctls(new Dictionary<string, JsonElement>
        {
            ["com.docker.network.endpoint.sysctls"] = given.RootElement,
        });
        var list = new Dictionary<string, string>
        {
            ["ipv4/conf/eth1/log_martians"] = "1", ["ipv4/conf/eth1/arp_notify"] = "1",
            ["core/somaxconn"] = "77"
        };

        var (wanted, overridden) = NetworkSysctls.Merge(list, user, "eth1");

        Assert.Equal(
            ["core/somaxconn=77", "ipv4/conf/eth1/arp_notify=1", "ipv4/conf/eth1/log_martians=0", "ipv4/neigh/eth1/mcast_solicit=5"],
            wanted.Select(sysctl => $"{sysctl.Key}={sysctl.Value}"));
        Assert.Equal(["net/ipv4/conf/eth1/log_martians is 0, as the container's user asks, and not 1, as the list does"], overridden);
    }
}
