using System.Net;
using System.Text.Json;
using DockerDriver.Cli;
using DockerDriver.Engine;
using DockerDriver.Startup;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.Ipam;

/// <summary>The answers to libnetwork's IPAM driver protocol.</summary>
public sealed class IpamDriverTests : PluginSocketTest
{
    private const string ByName = """{"Options":{"cni.network":"pods"},"Pool":"10.77.0.0/24"}""";
    private const string ByFamily = """{"Options":{"cni.network":"pods"}}""";
    private const string NetworkOfIt =
        """{"NetworkID":"n1","Options":{},"IPv4Data":[{"AddressSpace":"cni","Pool":"10.77.0.0/24","Gateway":"10.77.0.1/24"}]}""";

    private void List(string name, string ipam)
    {
        Directory.CreateDirectory(Settings.ConfDir);
        File.WriteAllText(Path.Combine(Settings.ConfDir, name + ".conflist"), $$"""
            {"cniVersion":"1.0.0","name":"{{name}}","plugins":[{"type":"bridge","bridge":"{{name}}0","isGateway":true,"ipam":{{ipam}}}]}
            """);
    }

    private void HostLocal(string name = "pods") =>
        List(
            name,
                $$"""{"type":"host-local","dataDir":"{{Settings.StateDir}}/given","subnet":"10.77.0.0/24","""
            + """ "rangeStart":"10.77.0.5","rangeEnd":"10.77.0.6"}""");

    private async Task<string> AskAsync(string method, string body) => (await PostAsync("IpamDriver." + method, body)).Body;

    private async Task<string> PoolAsync() =>
        JsonDocument.Parse(await AskAsync("RequestPool", ByName)).RootElement.GetProperty("PoolID").GetString()!;

    [Fact]
    public async Task GetDefaultAddressSpaces_AreOne() =>
        Assert.Equal("""{"LocalDefaultAddressSpace":"cni","GlobalDefaultAddressSpace":"cni"}""",
            await AskAsync("GetDefaultAddressSpaces", ""));

    [Fact]
    public async Task GetCapabilities_WantsNothing() =>
        Assert.Equal("""{"RequiresMACAddress":false,"RequiresRequestReplay":false}""", await AskAsync("GetCapabilities", ""));

    [Fact]
    public async Task RequestPool_AnswersTheListsSubnetAndGateway()
    {
        HostLocal();
        var answer = await AskAsync("RequestPool", ByName);
        Assert.Contains("\"Pool\":\"10.77.0.0/24\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"com.docker.network.gateway\":\"10.77.0.1/24\"", answer, StringComparison.Ordinal);
        Assert.Equal(answer, await AskAsync("RequestPool", ByName));
    }

    [Fact]
    public async Task RequestPool_ThatIsAskedAgainForAnother_IsRefused_UntilItIsReleased()
    {
        HostLocal();
        Assert.DoesNotContain("Err", await AskAsync("RequestPool", ByFamily), StringComparison.Ordinal);
        Assert.Contains("--subnet 10.77.0.0/24", await AskAsync("RequestPool", ByFamily), StringComparison.Ordinal);

        var id = await PoolAsync();
        Assert.Equal("{}", await AskAsync("ReleasePool", $$"""{"PoolID":"{{id}}"}"""));
        Assert.Contains(id, await AskAsync("RequestPool", ByFamily), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_IsCalledErrorToo() => // the network driver's is called Err
        Assert.Contains("\"Error\":\"the IPAM driver cni needs a list", await AskAsync("RequestPool", "{}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("ReleasePool", """{"PoolID":"pods-4-0"}""")]
    [InlineData("ReleaseAddress", """{"PoolID":"pods-4-0","Address":"10.77.0.5"}""")]
    public async Task Release_OfSomethingUnknown_IsDoneAlready(string method, string body) =>
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("IpamDriver." + method, body));

    [Fact]
    public async Task CreateNetwork_WithAPoolOfCnid_HasItsList_AndTheNetworkKeepsThePool()
    {
        HostLocal();
        var id = await PoolAsync();
        Assert.Equal("{}", (await PostAsync("NetworkDriver.CreateNetwork", NetworkOfIt)).Body);
        await AskAsync("ReleasePool", $$"""{"PoolID":"{{id}}"}""");
        Assert.True(File.Exists(Path.Combine(Settings.PoolsFolder, id + ".json")));

        await PostAsync("NetworkDriver.DeleteNetwork", """{"NetworkID":"n1"}""");
        Assert.False(File.Exists(Path.Combine(Settings.PoolsFolder, id + ".json")));
    }

    [Fact]
    public async Task CreateNetwork_WithASubnetOfTwoLists_AsksWhich()
    {
        HostLocal();
        HostLocal("others");
        await PoolAsync();
        await AskAsync("RequestPool", ByName.Replace("pods", "others", StringComparison.Ordinal));

        Assert.Contains("add -o cni.network=NAME", (await PostAsync("NetworkDriver.CreateNetwork", NetworkOfIt)).Body,
            StringComparison.Ordinal);
        Assert.Equal(
            "{}",
                (await PostAsync("NetworkDriver.CreateNetwork",
                NetworkOfIt.Replace("{},", """{"com.docker.network.generic":{"cni.network":"pods"}},""", StringComparison.Ordinal))).Body);
    }

    [Fact]
    public async Task RequestAddress_Gateway_IsOnlyCompared()
    {
        HostLocal();
        var gateway =
            $$"""{"Options":{"RequestAddressType":"com.docker.network.gateway"},"PoolID":"{{await PoolAsync()}}","Address":"10.77.0.1"}""";
        Assert.Contains("10.77.0.1/24", await AskAsync("RequestAddress", gateway), StringComparison.Ordinal);
        Assert.Contains("use --gateway 10.77.0.1",
            await AskAsync("RequestAddress", gateway.Replace("77.0.1", "77.0.9", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RequestAddress_IsTheLists_AndReleasedItIsFreeAgain()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: a network namespace");
        HostLocal();
        var pool = await PoolAsync();
        Assert.Contains("10.77.0.5/24", await AskAsync("RequestAddress", $$"""{"PoolID":"{{pool}}"}"""), StringComparison.Ordinal);
        var requested = $$"""{"PoolID":"{{pool}}","Address":"10.77.0.5"}""";
        Assert.Contains("in use", await AskAsync("RequestAddress", requested), StringComparison.Ordinal);
        Assert.Equal("{}", await AskAsync("ReleaseAddress", requested));
        Assert.Equal("{}", await AskAsync("ReleaseAddress", requested)); // Docker calls twice
        Assert.Contains("10.77.0.5/24", await AskAsync("RequestAddress", requested), StringComparison.Ordinal);

        await AskAsync("GetCapabilities", ""); // an engine that starts knows of no endpoint with it
        Assert.Empty(Directory.EnumerateFiles(Settings.ReservationsFolder));
    }

    [Fact]
    public async Task D_NameThatDocker29SaysWithTheRequest_IsTheReservationsAndTheEndpoints_BeforeTheContainerIsListed()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: a network namespace");
        HostLocal();
        await AskAsync("RequestAddress", Request(await PoolAsync(), "web1"));
        Assert.Equal("{}", (await PostAsync("NetworkDriver.CreateNetwork", NetworkOfIt)).Body);
        await PostAsync("NetworkDriver.CreateEndpoint", """{"NetworkID":"n1","EndpointID":"e1","Interface":{"Address":"10.77.0.5/24"}}""");

        using var endpoint = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(Settings.EndpointsFolder, "e1.json"), TestContext.Current.CancellationToken));
        Assert.Equal("web1", endpoint.RootElement.GetProperty("containerName").GetString());
        var unheard = new EngineNames(new Dictionary<string, string>(), new Dictionary<string, (string, string)>(), Fault: null);
        var runtime = CniComposition.ForVerb(Settings, NullLoggerFactory.Instance).Runtime;
        var listed = new Inventory(Settings, runtime, unheard).Attachments().Single();
        Assert.Equal("web1", (string?)listed.Json()["name"]);
        Assert.True(listed.IsNamed("web1"));
    }

    [Fact]
    public async Task D_SecondFamily_IsFromTheReservationOfTheSameContainer()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: a network namespace");
        List(
            "pods",
                $$"""{"type":"host-local","dataDir":"{{Settings.StateDir}}/given","ranges":[[{"subnet":"10.77.0.0/24"}],["""
                    + $$"""{"subnet":"fd00:77::/64"}]]}""");
        var four = await PoolAsync();
        var six =
            JsonDocument.Parse(await AskAsync("RequestPool", """{"Options":{"cni.network":"pods"},"Pool":"fd00:77::/64","V6":true}"""))
            .RootElement.GetProperty("PoolID").GetString()!;

        Assert.Contains("10.77.0.2/24", await AskAsync("RequestAddress", Request(four, "one")), StringComparison.Ordinal);
        Assert.Contains("10.77.0.3/24", await AskAsync("RequestAddress", Request(four, "two")), StringComparison.Ordinal);
        Assert.Contains("fd00:77::3/64", await AskAsync("RequestAddress", Request(six, "two")), StringComparison.Ordinal);
        Assert.Contains("fd00:77::2/64", await AskAsync("RequestAddress", Request(six, "one")), StringComparison.Ordinal);
    }

    private static string Request(string pool, string container) =>
        $$$"""{"PoolID":"{{{pool}}}","Options":{"com.docker.network.endpoint.name":"{{{container}}}"}}""";
}
