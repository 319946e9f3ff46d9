using CniCore.Linux.Namespaces;
using CniCore.Linux.Nftables;
using DockerDriver.Firewall;
using DockerDriver.State;

namespace DockerDriver.Tests.Firewall;

/// <summary>The table of generated networks, in a namespace of its own.</summary>
public sealed class BridgeGuardTests
{
    private static readonly GeneratedBridge[] Bridges =
    [
        new("cni-one", ["10.1.0.1/24", "fd00:1::1/64"], Internal: false, Icc: true, Masquerades: true),
        new("cni-two", ["10.1.1.1/24"], Internal: false, Icc: false, Masquerades: true),
        new("cni-three", [], Internal: true, Icc: true),
        new("cni-routed", ["10.2.0.1/24", "fd00:2::1/64"], Internal: false, Icc: true, Masquerades: true)
        {
            ModeIPv4 = GatewayMode.Routed, ModeIPv6 = GatewayMode.NatUnprotected, Trusted = ["wan", "vxlan.1"],
        },
        new("cni-source", ["10.3.0.1/24", "fd00:3::1/64"], Internal: false, Icc: true, Masquerades: true)
        {
            ModeIPv4 = GatewayMode.NatUnprotected, SourceIPv4 = "203.0.113.9", SourceIPv6 = "2001:db8::9", InhibitsIPv4 = true,
        },
    ];

    private static readonly OpenPort[] Ports = [new("10.2.0.2", "tcp", 80), new("10.2.0.2", "udp", 53), new("fd00:2::2", "sctp", 80)];

    [Fact]
    public void A1_Definition_IsWhatNftMakesOfIt()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: network namespaces");
        var folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;
        var path = Path.Combine(folder, "space");
        try
        {
            using var space = NetworkNamespace.CreatePinned(path);
            var wanted = BridgeGuard.Definition(Bridges, ["br-uplink"], Ports);
            space.Inside(() => NftProgram.Run(wanted.Text));
            using var socket = NftSocket.OpenIn(space);
            Assert.Empty(wanted.Differences(socket.Read(wanted.Table)));

            var byNft = space.Inside(() => NftProgram.Run("list ruleset\n"));
            socket.Replace(wanted);
            Assert.Empty(wanted.Differences(socket.Read(wanted.Table)));
            Assert.Equal(byNft, space.Inside(() => NftProgram.Run("list ruleset\n")));
        }
        finally
        {
            NetworkNamespace.Unpin(path);
            Directory.Delete(folder, recursive: true);
        }
    }
}
