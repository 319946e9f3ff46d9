using System.Net;
using System.Net.Sockets;

namespace DockerDriver.Tests.NetworkDriver;

/// <summary>An endpoint that cannot be stored, and one that cannot be torn down.</summary>
public sealed class EndpointTests : PluginSocketTest
{
    private const string List =
        """{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge"},{"type":"portmap","capabilities":{"portMappings":true}}]}""";
    private const string NullPool = """{"AddressSpace":"null","Pool":"0.0.0.0/0"}""";
    private const string Pool = """{"AddressSpace":"LocalDefault","Pool":"10.9.0.0/24","Gateway":"10.9.0.1/24"}""";

    [Fact]
    public async Task CreateEndpoint_WhoseIntentCannotBeStored_SaysWhy_AndItsPortIsFreeAgain()
    {
        await CreateNetworkAsync(NullPool);
        var port = FreePort();
        Directory.Delete(Settings.EndpointsFolder);
        await File.WriteAllTextAsync(Settings.EndpointsFolder, "", TestContext.Current.CancellationToken);

        var (status, answer) = await PostAsync("NetworkDriver.CreateEndpoint", $$$"""
            {"NetworkID":"n1","EndpointID":"e1","Options":{"com.docker.network.portmap":[
             {"Proto":6,"Port":80,"HostIP":"127.0.0.1","HostPort":{{{port}}},"HostPortEnd":{{{port}}}}]}}
            """);

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains(Settings.EndpointsFolder, answer, StringComparison.Ordinal);
        using (var other = new TcpListener(IPAddress.Loopback, port))
            other.Start();
        Assert.Equal((HttpStatusCode.OK, "{}"),
            await PostAsync("NetworkDriver.DeleteEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}"""));
    }

    [Fact]
    public async Task CreateEndpoint_OfOneThatIsTornDown_IsRefusedWithTheReason()
    {
        await CreateNetworkAsync(Pool);
        const string Endpoint = """{"NetworkID":"n1","EndpointID":"e1","Interface":{"Address":"10.9.0.5/24"}}""";
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("NetworkDriver.CreateEndpoint", Endpoint)).Status);
        // Its holding namespace's file cannot be removed.
        Directory.CreateDirectory(Path.Combine(Settings.NamespacesFolder, "e1", "busy"));

        Assert.Equal(HttpStatusCode.InternalServerError,
            (await PostAsync("NetworkDriver.DeleteEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}""")).Status);

        var (status, answer) = await PostAsync("NetworkDriver.CreateEndpoint", Endpoint);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("the endpoint e1 is being removed", answer, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(Settings.NamespacesFolder, "e1"), recursive: true);
        Assert.Equal((HttpStatusCode.OK, "{}"),
            await PostAsync("NetworkDriver.DeleteEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}"""));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("NetworkDriver.CreateEndpoint", Endpoint)).Status);
    }

    [Fact]
    public async Task EngineStart_TearsDownTheOthers_WhereOneTeardownFails()
    {
        await CreateNetworkAsync(Pool);
        string[] ids = [.. "abc".Select(letter => new string(letter, 64))];
        foreach (var (index, id) in ids.Index())
        {
            Assert.Equal(
                HttpStatusCode.OK,
                    (await PostAsync("NetworkDriver.CreateEndpoint",
                    $$$"""{"NetworkID":"n1","EndpointID":"{{{id}}}","Interface":{"Address":"10.9.0.{{{index + 5}}}/24"}}""")).Status);
            // its holding namespace's file cannot be removed
            Directory.CreateDirectory(Path.Combine(Settings.NamespacesFolder, id, "busy"));
            Assert.Equal(HttpStatusCode.InternalServerError,
                (await PostAsync("NetworkDriver.DeleteEndpoint", $$$"""{"NetworkID":"n1","EndpointID":"{{{id}}}"}""")).Status);
        }
        foreach (var id in (string[])[ids[0], ids[2]])
            Directory.Delete(Path.Combine(Settings.NamespacesFolder, id), recursive: true);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync("Plugin.Activate", "")).Status);

        Assert.Equal([$"{ids[1]}.json"], Directory.EnumerateFiles(Settings.EndpointsFolder).Select(Path.GetFileName));
        Directory.Delete(Path.Combine(Settings.NamespacesFolder, ids[1]), recursive: true);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("Plugin.Activate", "")).Status);
        Assert.Empty(Directory.EnumerateFiles(Settings.EndpointsFolder));
    }

    [Fact]
    public async Task A2_EndpointWithAShortIdWhoseTeardownFails_IsLoggedByItsId_AndEngineStartIsAnswered()
    {
        await CreateNetworkAsync(Pool);
        Assert.Equal(
            HttpStatusCode.OK,
                (await PostAsync("NetworkDriver.CreateEndpoint",
                """{"NetworkID":"n1","EndpointID":"e1","Interface":{"Address":"10.9.0.5/24"}}""")).Status);
        Directory.CreateDirectory(Path.Combine(Settings.NamespacesFolder, "e1", "busy")); // its holding namespace's file cannot be removed
        Assert.Equal(HttpStatusCode.InternalServerError,
            (await PostAsync("NetworkDriver.DeleteEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}""")).Status);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync("Plugin.Activate", "")).Status);
    }

    [Fact]
    public async Task A3_CallForANetworkThatIsNotRebuiltYet_IsRefusedWithTheReason()
    {
        var (status, answer) = await PostAsync("NetworkDriver.CreateEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("It is rebuilt when Docker answers", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateEndpoint_OfAnIpvlan_AnswersNoMac_AndRefusesOneByName()
    {
        await CreateNetworkAsync(Pool, """{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"ipvlan","master":"lo"}]}""");

        var (_, answer) = await PostAsync("NetworkDriver.CreateEndpoint",
            """{"NetworkID":"n1","EndpointID":"e1","Interface":{"Address":"10.9.0.5/24"}}""");
        Assert.DoesNotContain("02:42", answer, StringComparison.Ordinal);

        (_, answer) = await PostAsync("NetworkDriver.CreateEndpoint",
            """{"NetworkID":"n1","EndpointID":"e2","Interface":{"Address":"10.9.0.6/24","MacAddress":"02:42:0a:09:00:06"}}""");
        Assert.Contains("remove --mac-address", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NetworkDriver.Join", "n1", "../../x")]
    [InlineData("NetworkDriver.Leave", "n1", "e1 x")]
    [InlineData("NetworkDriver.DeleteEndpoint", "n1", "-e1")]
    [InlineData("NetworkDriver.DeleteNetwork", "..", "")]
    public async Task A2_InvalidId_IsRefused(string method, string network, string endpoint)
    {
        var (status, answer) = await PostAsync(method, $$"""{"NetworkID":"{{network}}","EndpointID":"{{endpoint}}"}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("is not an id", answer, StringComparison.Ordinal);
    }

    private async Task CreateNetworkAsync(string pool, string list = List)
    {
        Directory.CreateDirectory(Settings.ConfDir);
        await File.WriteAllTextAsync(Path.Combine(Settings.ConfDir, "pods.conflist"), list, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "{}"),
            await PostAsync("NetworkDriver.CreateNetwork",
            $$$"""{"NetworkID":"n1","Options":{"com.docker.network.generic":{"cni.network":"pods"}},"IPv4Data":[{{{pool}}}]}"""));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
