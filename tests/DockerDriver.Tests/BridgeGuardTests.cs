using CniCore.Linux.Namespaces;
using CniCore.Linux.Nftables;
using DockerDriver.Networks;
using DockerDriver.State;

namespace DockerDriver.Tests;

/// <summary>The table of generated networks, in a namespace of its own.</summary>
public sealed class BridgeGuardTests
{
    private static readonly GeneratedBridge[] Bridges =
    [
        new("cni-one", ["10.1.0.1/24", "fd00:1::1/64"], Internal: false, Icc: true, Masquerades: true),
        new("cni-two", ["10.1.1.1/24"], Internal: false, Icc: false, Masquerades: true),
        new("cni-three", [], Internal: true, Icc: true),
    ];

    [Fact]
    public void A1_Definition_IsWhatNftMakesOfIt()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: network namespaces");
        var folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;
        var path = Path.Combine(folder, "space");
        try
        {
            using var space = NetworkNamespace.CreatePinned(path);
            var wanted = BridgeGuard.Definition(Bridges, ["br-uplink"]);
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
