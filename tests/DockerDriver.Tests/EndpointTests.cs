using System.Net;
using System.Net.Sockets;

namespace DockerDriver.Tests;

/// <summary>An endpoint that cannot be stored, and one that cannot go.</summary>
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

    [Fact]
    public async Task CreateEndpoint_OfOneThatIsLeaving_IsRefusedWithTheReason()
    {
        Directory.CreateDirectory(Settings.ConfDir);
        await File.WriteAllTextAsync(Path.Combine(Settings.ConfDir, "pods.conflist"), List, TestContext.Current.CancellationToken);
        var network = Network.Replace("""{"AddressSpace":"null","Pool":"0.0.0.0/0"}""", """{"AddressSpace":"LocalDefault","Pool":"10.9.0.0/24","Gateway":"10.9.0.1/24"}""", StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.CreateNetwork", network));
        const string Endpoint = """{"NetworkID":"n1","EndpointID":"e1","Interface":{"Address":"10.9.0.5/24"}}""";
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("NetworkDriver.CreateEndpoint", Endpoint)).Status);
        // Its holding namespace's file cannot be removed.
        Directory.CreateDirectory(Path.Combine(Settings.NamespacesFolder, "e1", "busy"));

        Assert.Equal(HttpStatusCode.InternalServerError, (await PostAsync("NetworkDriver.DeleteEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}""")).Status);

        var (status, answer) = await PostAsync("NetworkDriver.CreateEndpoint", Endpoint);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("the endpoint e1 is being removed", answer, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(Settings.NamespacesFolder, "e1"), recursive: true);
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.DeleteEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}"""));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("NetworkDriver.CreateEndpoint", Endpoint)).Status);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
