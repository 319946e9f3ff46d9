using System.Net;
using CniCore.Firewall;
using CniCore.Linux.Nftables;
using CniCore.Tests.Linux;

namespace CniCore.Tests.Firewall;

/// <summary>The table of generated networks, in a namespace of its own.</summary>
public sealed class NetworkTableTests : LinuxTest
{
    private static readonly FirewallPolicy[] Networks =
    [
        Network("cni-one") with { Translations = [Masquerade("10.1.0.0/24"), Masquerade("fd00:1::/64")] },
        Network("cni-two") with { Ingress = Ingress.None, Translations = [Masquerade("10.1.1.0/24")] },
        Network("cni-three") with { IsInternal = true },
        Network("cni-routed") with
        {
            ReachV4 = Reach.OpenPorts,
            ReachV6 = Reach.Everything,
            Trusted = ["wan", "vxlan.1"],
            Translations = [Masquerade("fd00:2::/64")],
            OpenPorts =
            [
                new(IPAddress.Parse("10.2.0.2"), "tcp", 80),
                new(IPAddress.Parse("10.2.0.2"), "udp", 53),
                new(IPAddress.Parse("fd00:2::2"), "sctp", 80),
            ],
        },
        Network("cni-source") with
        {
            ReachV4 = Reach.Everything,
            Translations =
            [
                Masquerade("10.3.0.0/24") with { To = IPAddress.Parse("203.0.113.9"), NotOver = "cni-source" },
                Masquerade("fd00:3::/64") with { To = IPAddress.Parse("2001:db8::9") },
            ],
        },
    ];

    [Fact]
    public void A1_Definition_IsWhatNftMakesOfIt()
    {
        var space = Space("host");
        var wanted = NetworkTable.Definition(Networks, ["br-uplink"]);
        space.Inside(() => NftProgram.Run(wanted.Text));
        using var socket = NftSocket.OpenIn(space);
        Assert.Empty(wanted.Differences(socket.Read(wanted.Table)));

        var byNft = space.Inside(() => NftProgram.Run("list ruleset\n"));
        socket.Replace(wanted);
        Assert.Empty(wanted.Differences(socket.Read(wanted.Table)));
        Assert.Equal(byNft, space.Inside(() => NftProgram.Run("list ruleset\n")));
    }

    private static FirewallPolicy Network(string bridge) =>
        new() { Traffic = [TrafficSelector.Of(bridge)], Ingress = Ingress.SameInterface };

    private static SourceTranslation Masquerade(string subnet) => new(IPNetwork.Parse(subnet), IPNetwork.Parse(subnet));
}
