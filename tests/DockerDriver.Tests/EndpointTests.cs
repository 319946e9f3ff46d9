using System.Net;
using System.Net.Sockets;

namespace DockerDriver.Tests;

/// <summary>An endpoint whose state cannot be stored.</summary>
public sealed class EndpointTests : PluginSocketTest
{
    private const string List = """{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"loopback"},{"type":"portmap","capabilities":{"portMappings":true}}]}""";
    private const string Network = """{"NetworkID":"n1","Options":{"com.docker.network.generic":{"cni.network":"pods"}},"IPv4Data":[{"AddressSpace":"null","Pool":"0.0.0.0/0"}]}""";

    [Fact]
    public async Task CreateEndpoint_WhoseIntentCannotBeStored_SaysWhy_AndItsPortIsFreeAgain()
    {
        Directory.CreateDirectory(Settings.ConfDir);
        await File.WriteAllTextAsync(Path.Combine(Settings.ConfDir, "pods.conflist"), List, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.CreateNetwork", Network));
        var port = FreePort();
        Directory.Delete(Settings.EndpointsFolder);
        await File.WriteAllTextAsync(Settings.EndpointsFolder, "", TestContext.Current.CancellationToken);

        var (status, answer) = await PostAsync("NetworkDriver.CreateEndpoint", $$$"""
            {"NetworkID":"n1","EndpointID":"e1","Options":{"com.docker.network.portmap":[{"Proto":6,"Port":80,"HostIP":"127.0.0.1","HostPort":{{{port}}},"HostPortEnd":{{{port}}}}]}}
            """);

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains(Settings.EndpointsFolder, answer, StringComparison.Ordinal);
        using (var other = new TcpListener(IPAddress.Loopback, port))
            other.Start();
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.DeleteEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}"""));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
