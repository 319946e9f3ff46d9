using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>The built-in static beside the reference's, but for the <see cref="Differences"/>.</summary>
public sealed class StaticTests() : IpamTest("static")
{
    private const string One = """ "addresses":[{"address":"10.1.0.5/24","gateway":"10.1.0.1"}] """;

    /// <summary>Keys of <c>ipam</c>, keys beside it, CNI_ARGS, version.</summary>
    public static TheoryData<string, string, string, string> Configurations => new()
    {
        { One, "", "", "1.0.0" },
        { """ "addresses":[{"address":"10.1.0.5/24"},{"address":"fd00::5/64","gateway":"fd00::1"}],"routes":[{"dst":"0.0.0.0/0"},"""
            + """{"dst":"::/0","gw":"fd00::2"}],"dns":{"nameservers":["192.0.2.1"],"domain":"d","search":["s"],"options":"""
            + """["o"]} """, "", "", "0.4.0" },
        { """ "ADDRESSES":[{"address":"10.1.0.5/24","GATEWAY":""}] """, "", "", "1.0.0" },
        { One, "", "IP=10.2.0.9/16, 10.3.0.9/16;GATEWAY=10.2.0.1,10.1.0.77", "1.0.0" },
        { One, "", "IP=10.2.0.9/16;GATEWAY=10.2.0.1,10.2.0.2", "1.0.0" },
        { One, "", "IgnoreUnknown=1;K8S=x;IP=", "1.0.0" },
        { One, """ "args":{"cni":{"ips":["10.9.0.9/16"]}} """, "IP=10.2.0.9/16", "1.0.0" },
        { One, """ "args":{"cni":{"ips":["10.9.0.9/16"]}},"runtimeConfig":{"ips":["10.8.0.9/16","fd00::8/64"]} """, "", "1.0.0" },
        { One, """ "args":{"cni":{"ips":[]}},"runtimeConfig":{"ips":[]} """, "", "0.3.1" },
        { """ "addresses":[{"address":"10.1.0.5/24"},{"address":"fd00::5/64"}],"routes":[{"dst":"0.0.0.0/0","gw":"10.1.0.2"}] """, "", "",
            "0.2.0" },
        { "", "", "", "1.0.0" },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task Add_AnswersWhatTheReferenceDoes(string ipam, string others, string args, string version)
    {
        var request = Request(ipam, others, version);
        AssertSameJson(await RunAsync(false, CniCommand.Add, request, args: args),
            await RunAsync(true, CniCommand.Add, request, args: args));
    }

    [Theory]
    [InlineData(""" "addresses":[{"address":"10.1.0.5"}] """, "", "", CniErrorCode.InvalidConfig)]
    [InlineData(""" "addresses":[{}] """, "", "", CniErrorCode.InvalidConfig)]
    [InlineData(One, "", "IP=10.2.0.9", CniErrorCode.InvalidConfig)]
    [InlineData(One, "", "GATEWAY=nobody", CniErrorCode.InvalidConfig)]
    [InlineData(One, "", "K8S=x", CniErrorCode.InvalidEnvironment)]
    [InlineData(One, """ "args":{"cni":{"ips":["x"]}} """, "", CniErrorCode.InvalidConfig)]
    [InlineData(One, """ "runtimeConfig":{"ips":["10.8.0.9"]} """, "", CniErrorCode.InvalidConfig)]
    [InlineData(""" "addresses":[{"address":"10.1.0.5/24"},{"address":"10.1.0.6/24"}] """, "", "", CniErrorCode.InvalidConfig, "0.2.0")]
    public async Task Add_BadInput_IsRefusedInTheReferencesWords(
        string ipam, string others, string args, CniErrorCode code, string version = "1.0.0")
    {
        var request = Request(ipam, others, version);
        var fault = await FaultAsync(true, CniCommand.Add, request, args: args);

        Assert.Equal((await FaultAsync(false, CniCommand.Add, request, args: args)).Reason, fault.Reason);
        Assert.Equal(code, fault.Code);
    }

    [Fact]
    public async Task Add_WithoutIpam_IsRefusedInTheReferencesWords()
    {
        const string request = """{"cniVersion":"1.0.0","name":"net"}""";
        Assert.Equal((await FaultAsync(false, CniCommand.Add, request)).Reason, (await FaultAsync(true, CniCommand.Add, request)).Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CheckAndDelete_OfWhatTheOtherGave_Succeed(bool builtin)
    {
        var request = Request(One);
        var result = await RunAsync(!builtin, CniCommand.Add, request);

        await RunAsync(builtin, CniCommand.Check, With(request, "prevResult", result));
        await RunAsync(builtin, CniCommand.Del, request);
        await RunAsync(builtin, CniCommand.Del, request);
    }

    [Theory]
    [InlineData("""{"cniVersion":"1.0.0","ips":[{"address":"10.1.0.5/24","gateway":"10.1.0.2"}]}""", "10.1.0.5")]
    [InlineData("""{"cniVersion":"1.0.0","ips":[{"address":"10.1.0.6/24"}]}""", "10.1.0.5")]
    [InlineData("""{"cniVersion":"1.0.0"}""", "10.1.0.5")]
    [InlineData("null", "prevResult")]
    public async Task Check_OfWhatIsNotThere_Fails(string previous, string word) =>
        Assert.Contains(word, (await FaultAsync(true, CniCommand.Check, With(Request(One), "prevResult", previous))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task StatusAndGc_HaveNothingToSay()
    {
        await RunAsync(true, CniCommand.Status, Request(One, version: "1.1.0"));
        await RunAsync(true, CniCommand.Gc, Request(One, version: "1.1.0"));
    }
}
