using System.Net;

namespace DockerDriver.Tests;

/// <summary>State that cnid 0.1 stored before a reboot: its endpoints are torn down, and its networks are served.</summary>
public sealed class EarlierStateTests : PluginSocketTest
{
    private const string Web = "3a9ed594e4f26612f627633a9aeb4ffcaf6ea324a7407f2061d8a602001712a2";
    private static readonly string Files = Path.Combine(CnidFile.Repository, "tests/Support/StateOf01");

    public EarlierStateTests()
    {
        foreach (var file in Directory.EnumerateFiles(Files, "*.json", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Settings.StateDir, Path.GetRelativePath(Files, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [Fact]
    public async Task EndpointsOfAnEarlierBoot_AreTornDown_AndTheirNetworksStay()
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("Plugin.Activate", "")).Status);
        Assert.Empty(Directory.EnumerateFiles(Settings.EndpointsFolder));
        Assert.Equal(3, Directory.EnumerateFiles(Settings.NetworksFolder).Count());

        var endpoint = $$$"""{"NetworkID":"{{{Web}}}","EndpointID":"e1","Interface":{"Address":"10.91.0.5/24"}}""";
        var (_, created) = await PostAsync("NetworkDriver.CreateEndpoint", endpoint);
        Assert.DoesNotContain("Err", created, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.DeleteEndpoint", endpoint));
        foreach (var network in Directory.EnumerateFiles(Settings.NetworksFolder).Select(Path.GetFileNameWithoutExtension).ToList())
            Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.DeleteNetwork", $$"""{"NetworkID":"{{network}}"}"""));
        Assert.Empty(Directory.EnumerateFiles(Settings.NetworksFolder));
    }
}
