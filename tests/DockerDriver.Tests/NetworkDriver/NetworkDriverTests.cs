using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Startup;

namespace DockerDriver.Tests.NetworkDriver;

/// <summary>The answers to libnetwork's network driver protocol.</summary>
public sealed class NetworkDriverTests : PluginSocketTest
{
    [Fact]
    public async Task Activate_SaysBothDrivers() =>
        Assert.Equal((HttpStatusCode.OK, """{"Implements":["NetworkDriver","IpamDriver"]}"""), await PostAsync("Plugin.Activate", ""));

    [Fact]
    public async Task GetCapabilities_IsLocal() =>
        Assert.Contains("\"Scope\":\"local\"", (await PostAsync("NetworkDriver.GetCapabilities", "")).Body, StringComparison.Ordinal);

    [Theory]
    [InlineData("NetworkDriver.CreateEndpoint", "")]
    [InlineData("NetworkDriver.Join", "")]
    [InlineData("NetworkDriver.Leave", "")]
    [InlineData("NetworkDriver.CreateNetwork", "{ not json")]
    [InlineData("NetworkDriver.CreateNetwork", "{}")]
    [InlineData("NetworkDriver.CreateNetwork", "null")]
    [InlineData("NetworkDriver.CreateNetwork", """{"NetworkID":null}""")]
    [InlineData("NetworkDriver.Join", """{"NetworkID":"n1","EndpointID":null}""")]
    [InlineData("NetworkDriver.RevokeExternalConnectivity", """{"NetworkID":"n1"}""")]
    public async Task Call_WithoutAUsableBody_IsRefused(string method, string body)
    {
        var (status, answer) = await PostAsync(method, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith($$"""{"Err":"{{method}}: """, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NetworkDriver.CreateNetwork", "NetworkID")]
    [InlineData("NetworkDriver.DeleteNetwork", "NetworkID")]
    [InlineData("NetworkDriver.CreateEndpoint", "NetworkID", "EndpointID")]
    [InlineData("NetworkDriver.Join", "NetworkID", "EndpointID")]
    [InlineData("NetworkDriver.Leave", "NetworkID", "EndpointID")]
    [InlineData("NetworkDriver.DeleteEndpoint", "NetworkID", "EndpointID")]
    [InlineData("NetworkDriver.EndpointOperInfo", "NetworkID", "EndpointID")]
    [InlineData("NetworkDriver.ProgramExternalConnectivity", "NetworkID", "EndpointID")]
    [InlineData("NetworkDriver.RevokeExternalConnectivity", "NetworkID", "EndpointID")]
    [InlineData("IpamDriver.ReleasePool", "PoolID")]
    [InlineData("IpamDriver.RequestAddress", "PoolID")]
    [InlineData("IpamDriver.ReleaseAddress", "PoolID")]
    public async Task Call_WithoutAField_NamesIt(string method, params string[] fields)
    {
        foreach (var field in fields)
        {
            var others = string.Concat(fields.Where(other => other != field).Select(other => $"\"{other}\":\"x\","));
            foreach (var (body, fault) in new[]
            {
                ($"{{{others}\"Other\":1}}", "is missing"),
                ($"{{{others}\"{field}\":null}}", "is missing"),
                ($"{{{others}\"{field}\":\"\"}}", "is empty"),
                ($"{{{others}\"{field}\":5}}", "has a value of the wrong kind"),
            })
            {
                Assert.Equal((HttpStatusCode.BadRequest, $"{method}: the field {field} {fault}"), await RefusalAsync(method, body));
            }
        }
    }

    [Theory]
    [InlineData("", "the body is empty: it was lost with a broken connection; try again")]
    [InlineData("null", "the body is not a JSON object")]
    [InlineData("[]", "the body is not a JSON object")]
    [InlineData("{", "the body is not JSON, at the end: Expected depth to be zero at the end of the JSON payload. There is an open JSON "
        + "object or array that should be closed")]
    public async Task Call_WithoutJson_SaysSoInOneLine(string body, string fault)
    {
        var (status, said) = await RefusalAsync("NetworkDriver.Join", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        // an interrupted start is retried
        Assert.Matches($"^NetworkDriver.Join: {Regex.Escape(fault)}{(body.Length == 0 ? " \\[cnid [0-9a-f]{12}\\]" : "")}$", said);
    }

    [Theory]
    [InlineData("Leave")]
    [InlineData("DeleteEndpoint")]
    [InlineData("EndpointOperInfo")]
    [InlineData("ProgramExternalConnectivity")]
    [InlineData("RevokeExternalConnectivity")]
    [InlineData("DeleteNetwork")]
    public async Task Call_ForSomethingUnknown_IsDoneAlready(string method)
    {
        var (status, answer) = await PostAsync($"NetworkDriver.{method}", """{"NetworkID":"n1","EndpointID":"e1"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("Err", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CreateEndpoint")]
    [InlineData("Join")]
    public async Task Call_ThatNeedsSomethingUnknown_IsRefusedByName(string method)
    {
        var (status, answer) = await PostAsync($"NetworkDriver.{method}", """{"NetworkID":"n1","EndpointID":"e1"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("is unknown to cnid", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateNetwork_UnknownOption_IsNamed() => Assert.Contains("colour", (await PostAsync(
        "NetworkDriver.CreateNetwork",
            """{"NetworkID":"n1","Options":{"com.docker.network.generic":{"colour":"red"}},"IPv4Data":[]}""")).Body,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("br\\\"0")]
    [InlineData("br'0")]
    [InlineData("br\\\\0")]
    [InlineData("br+")]
    [InlineData("br*")]
    public async Task C_CreateNetwork_BridgeThatNoRuleCanName_IsRefused(string name) => Assert.Contains(
        "option 'com.docker.network.bridge.name': firewall rules cannot name the interface",
        (await RefusalAsync("NetworkDriver.CreateNetwork",
            $$$"""{"NetworkID":"n1","Options":{"com.docker.network.generic":{"com.docker.network.bridge.name":"{{{name}}}"}},"IPv4Data":"""
                + $$$"""[{"AddressSpace":"LocalDefault","Pool":"10.9.0.0/24","Gateway":"10.9.0.1/24"}]}""")).Err,
        StringComparison.Ordinal);

    // A daemon that is killed at its answer does not know whether the engine got it.
    [Fact]
    public async Task CreateNetwork_Answered_IsStoredAsNotListedYet()
    {
        const string list = """{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"plugins\":[{\"type\":\"bridge\"}]}""";
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.CreateNetwork", $$$"""
            {"NetworkID":"n1","Options":{"com.docker.network.generic":{"cni.config":"{{{list}}}"}},
             "IPv4Data":[{"AddressSpace":"null","Pool":"0.0.0.0/0"}]}
            """));
        await PostAsync("NetworkDriver.GetCapabilities", ""); // on the same connection: what follows the answer is done

        Assert.Contains("\"phase\": \"Creating\"", await File.ReadAllTextAsync(Path.Combine(Settings.NetworksFolder, "n1.json"),
            TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    // Docker's client prints it, and the engine writes it into its log.
    [Fact]
    public async Task Refusal_OfHostileText_IsPlain()
    {
        const string hostile = @"\u001b[31m\u009b2J\u202e\u007f\n";
        var refused = await RefusalAsync("NetworkDriver.CreateNetwork",
            $$$"""{"NetworkID":"n1","Options":{"com.docker.network.generic":{"{{{hostile}}}":"x"}},"IPv4Data":[]}""");

        Assert.Contains(@"option '\u001b[31m\u009b2J\u202e\u007f\n'", refused.Err, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Err!, char.IsControl);
    }

    [Fact]
    public async Task Id_ThatIsAPath_IsRefused() =>
        Assert.Contains("Err", (await PostAsync("NetworkDriver.CreateNetwork", """{"NetworkID":"../../x"}""")).Body,
            StringComparison.Ordinal);

    [Fact]
    public async Task Body_OverSixteenMebibytes_IsRefused() => Assert.Equal(
        HttpStatusCode.RequestEntityTooLarge,
            (await PostAsync("NetworkDriver.Leave", $$"""{"NetworkID":"{{new string('x', 1 << 24)}}"}""")).Status);

    [Fact]
    public async Task Method_ThatIsNone_IsNotFound() =>
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("NetworkDriver.Fly", "{}")).Status);

    [Fact]
    public void Socket_IsItsOwnersAlone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Settings.PluginSocket));

    [Fact]
    public async Task SecondDaemon_OnTheSameSocket_IsRefused() =>
        await Assert.ThrowsAsync<SettingsException>(() => Daemon.RunAsync(Settings, TestContext.Current.CancellationToken));

    private async Task<(HttpStatusCode Status, string? Err)> RefusalAsync(string method, string body)
    {
        var (status, answer) = await PostAsync(method, body);
        using var refusal = JsonDocument.Parse(answer);
        return (status, refusal.RootElement.GetProperty("Err").GetString());
    }
}
