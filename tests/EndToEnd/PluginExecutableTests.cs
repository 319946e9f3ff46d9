using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>The built-ins as other runtimes use them: executables in a plugin folder, links to <c>cnid</c>.</summary>
public sealed class PluginExecutableTests(Lab lab) : LabTest(lab)
{
    [Theory]
    [InlineData("/run/links")]
    [InlineData("/run/links:/usr/lib/cni", "bridge portmap firewall")] // the reference's host-local
    [InlineData("/run/links:/usr/lib/cni", "host-local")] // the reference's others
    public async Task AWholeChain_ThroughExecutables_CarriesPackets_AndGoes(
        string path, string links = "bridge host-local portmap firewall")
    {
        await LinkAsync();
        await Lab.OkAsync($"cd /run/links && for type in *; do case ' {links} ' in *\" $type \"*) ;; *) rm $type ;; esac; done");
        await Lab.OkAsync("""
            cat > /etc/cni/net.d/pods.conflist <<'E'
            {"cniVersion":"1.0.0","name":"pods","plugins":[
              {"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.77.0.0/24",
               "routes":[{"dst":"0.0.0.0/0"}]}},
              {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}
            E
            ip netns add one; ip netns add two
            """);
        var runtime = $"CNID_BUILTIN=off CNI_PATH={path} {Lab.Cnid}"; // one that knows no built-ins
        await Lab.OkAsync($"CAP_ARGS='{{\"portMappings\":[{{\"hostPort\":8088,\"containerPort\":80,\"protocol\":\"tcp\"}}]}}' {runtime} "
            + $"add pods /run/netns/one && {runtime} add pods /run/netns/two");
        if (links.Contains("portmap", StringComparison.Ordinal)) // the reference's misses rules for IPv6 where there are no such addresses
            await Lab.OkAsync($"{runtime} check pods /run/netns/one && {runtime} check pods /run/netns/two");
        var one = await Lab.OkAsync("ip -n one -o -4 address show dev eth0 | awk '{print $4}' | cut -d/ -f1");
        await Lab.OkAsync($"ip netns exec two busybox ping -c1 -W3 {one} && ip netns exec two busybox ping -c1 -W3 203.0.113.2");
        await Lab.OkAsync("mkdir -p /run/www && echo hello > /run/www/index.html && ip netns exec one busybox httpd -p 80 -h /run/www");
        if (links.Contains("firewall", StringComparison.Ordinal)) // the reference's admits answers only, under Docker's policy
            Assert.Equal("hello",
                (await Lab.InternetAsync("busybox nc 203.0.113.1 8088 < <(printf 'GET / HTTP/1.0\\r\\n\\r\\n') | tail -1")).Output.Trim());

        await Lab.OkAsync($"for space in one two; do {runtime} del pods /run/netns/$space && {runtime} del pods /run/netns/$space; done");
        await Lab.OkAsync(
            "pkill -f 'busybox http[d]'; ip netns del one; ip netns del two; ip link delete pods0; rm -r /run/links /run/www");
    }

    /// <summary>The same call of the reference and of ours: equal in status, code and words.</summary>
    [Theory]
    [InlineData("CNI_COMMAND=ADD", "{}")]
    [InlineData("CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/n CNI_PATH=/p", "{}")]
    [InlineData("CNI_COMMAND=DEL CNI_IFNAME=eth0", "{}")]
    [InlineData("CNI_COMMAND=CHECK CNI_CONTAINERID=a CNI_IFNAME=eth0 CNI_PATH=/p", "{}")]
    [InlineData("CNI_COMMAND=ADD CNI_CONTAINERID=a/b CNI_NETNS=/n CNI_IFNAME=eth0 CNI_PATH=/p", """{"cniVersion":"1.0.0","name":"x"}""")]
    [InlineData("CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/n CNI_IFNAME=a/b CNI_PATH=/p", """{"cniVersion":"1.0.0","name":"x"}""")]
    [InlineData("CNI_COMMAND=DEL CNI_CONTAINERID=a CNI_IFNAME=eth0 CNI_PATH=/p", """{"cniVersion":"1.0.0"}""")]
    [InlineData("CNI_COMMAND=DEL CNI_CONTAINERID=a CNI_IFNAME=eth0 CNI_PATH=/p", """{"cniVersion":"9.0.0","name":"x"}""")]
    [InlineData("CNI_COMMAND=CHECK CNI_CONTAINERID=a CNI_NETNS=/n CNI_IFNAME=eth0 CNI_PATH=/p", """{"cniVersion":"0.3.1","name":"x"}""")]
    [InlineData("CNI_COMMAND=DEL CNI_CONTAINERID=a CNI_IFNAME=eth0 CNI_PATH=/p", "no json")]
    public async Task ABadCall_IsAnsweredAsByTheReference(string environment, string input)
    {
        await LinkAsync();
        var answers = new List<(int Status, int? Code, string? Message)>();
        foreach (var folder in new[] { "/usr/lib/cni", "/run/links" })
        {
            var result = await Lab.RunAsync($"env {environment} {folder}/bridge <<'E'\n{input}\nE");
            var error = JsonNode.Parse(result.Output);
            answers.Add((result.Status, (int?)error?["code"], (string?)error?["msg"]));
        }
        Assert.Equal(1, answers[0].Status);
        // Go says what it thinks of the JSON itself behind the colon.
        Assert.Equal(answers[0] with { Message = answers[0].Message!.Split(": invalid character")[0] }, answers[1]);
        await Lab.OkAsync("rm -r /run/links");
    }

    /// <summary>Where the reference of this version says less, or looks at the verb last.</summary>
    [Theory]
    [InlineData("CNI_COMMAND=DEL CNI_CONTAINERID=a CNI_IFNAME=eth0 CNI_PATH=/p", """{"cniVersion":"1.0.0","name":"a b"}""", 7,
        "network name \"a b\"")]
    [InlineData("CNI_COMMAND=DANCE CNI_PATH=/p", """{"cniVersion":"1.0.0","name":"x"}""", 4, "unknown CNI_COMMAND: DANCE")]
    [InlineData("CNI_COMMAND=GC CNI_PATH=/p", """{"cniVersion":"1.0.0","name":"x"}""", 1, "config version does not allow GC")]
    [InlineData("CNI_COMMAND=STATUS", """{"cniVersion":"1.1.0","name":"x"}""", 4, "required env variables [CNI_PATH] missing")]
    public async Task ABadCall_IsAnsweredAsTheSpecSays(string environment, string input, int code, string words)
    {
        await LinkAsync();
        var result = await Lab.RunAsync($"env {environment} /run/links/bridge <<'E'\n{input}\nE");
        var error = JsonNode.Parse(result.Output)!;
        Assert.Equal((1, code), (result.Status, (int)error["code"]!));
        Assert.Contains(words, (string)error["msg"]!, StringComparison.Ordinal);
        await Lab.OkAsync("rm -r /run/links");
    }

    [Fact]
    public async Task Version_NeedsNothing_AndNobodyAskingGetsTheVersionsToo()
    {
        await LinkAsync();
        Assert.Contains("\"supportedVersions\":[\"0.1.0\"", await Lab.OkAsync("CNI_COMMAND=VERSION /run/links/bridge <&-"),
            StringComparison.Ordinal);
        Assert.Contains("CNI protocol versions supported: 0.1.0, ", (await Lab.RunAsync("/run/links/bridge")).Errors,
            StringComparison.Ordinal);
        Assert.Contains("link named after the plugin", await Lab.FailsAsync($"CNI_COMMAND=VERSION {Lab.Cnid}"), StringComparison.Ordinal);
        await Lab.OkAsync("rm -r /run/links");
    }

    [Fact]
    public async Task Add_IntoTheHostsOwnNamespace_IsRefused_BeforeAnythingIsMade()
    {
        await LinkAsync();
        const string call =
            """CNI_COMMAND=ADD CNI_CONTAINERID=a CNI_NETNS=/proc/1/ns/net CNI_IFNAME=eth7 CNI_PATH=/run/links /run/links/bridge <<<"""
                + """ '{"cniVersion":"1.0.0","name":"x","type":"bridge","bridge":"own0"}'""";
        Assert.Contains("\"code\":8", await Lab.FailsAsync(call), StringComparison.Ordinal);
        await Lab.FailsAsync("ip link show own0");
        await Lab.OkAsync("rm -r /run/links");
    }

    private Task<string> LinkAsync() =>
        Lab.OkAsync($"mkdir -p /run/links && for type in bridge host-local portmap firewall; do ln -sf {Lab.Cnid} /run/links/$type; done");
}
