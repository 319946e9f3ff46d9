using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// The runtime by hand, with a real executable as plugin that writes down what it is called with. Expected is what the spec
/// (section 2 to 4) and libcni send for the same script.
/// </summary>
[Trait("Engine", "none")]
public sealed class CniVerbTests(Lab lab) : LabTest(lab)
{
    private const string NetNs = "/run/netns/by-hand";
    private const string Result =
        """{"cniVersion":"1.1.0","interfaces":[{"name":"eth0","sandbox":"/run/netns/by-hand"}],"ips":["""
            + """{"address":"10.9.0.2/24","interface":0}],"dns":{}}""";

    // Records its words, its environment and its standard input, in the order of the calls; answers from a file.
    private const string Recorder = """
        #!/bin/sh
        n=$(ls /run/recorded | wc -l); f=/run/recorded/$(printf %03d $n); mkdir $f
        tr '\0' '\n' < /proc/$$/cmdline > $f/argv
        env | grep ^CNI_ | sort > $f/env
        cat > $f/stdin
        case $CNI_COMMAND in
        VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}' ;;
        ADD) cat /run/recorder.result ;;
        esac
        """;

    private const string List = """
        {"cniVersion":"1.1.0","name":"by-hand","plugins":[
          {"type":"recorder","capabilities":{"portMappings":true,"mac":false},"unknown":{"kept":[1,1.50,"é"]},"args":{"cni":{"x":1}}},
          {"type":"recorder2","capabilities":{"bandwidth":true}}]}
        """;

    [Fact]
    public async Task Script_ForCnitool_SendsWhatLibcniSends()
    {
        await PrepareAsync();
        await VerbAsync(
            "CNI_ARGS='A=1;B=two' CAP_ARGS='{\"portMappings\":[{\"hostPort\":1,\"containerPort\":2}],\"mac\":\"02:00:00:00:00:01\"}'",
                $"add by-hand {NetNs}");
        await VerbAsync("", $"check by-hand {NetNs}");
        await VerbAsync("", "status by-hand");
        await VerbAsync("", $"del by-hand {NetNs}");
        await VerbAsync("", "gc by-hand");

        var calls = await RecordedAsync();
        Assert.Equal(["ADD 1", "ADD 2", "CHECK 1", "CHECK 2", "STATUS 1", "STATUS 2", "DEL 2", "DEL 1", "GC 1", "GC 2"],
            calls.Select(call => call.Name));
        Assert.All(calls, call => Assert.Equal(call.Name.EndsWith('1') ? "recorder" : "recorder2", Path.GetFileName(call.Arguments[^1])));

        // cnitool's id: "cnitool-" and the first ten bytes of the path's SHA-512.
        var id = "cnitool-" + (await Lab.OkAsync($"printf %s {NetNs} | sha512sum | cut -c1-20"));
        foreach (var call in calls)
        {
            var isForAttachment = call.Name[..^2] is "ADD" or "CHECK" or "DEL";
            Assert.Equal(
            [
                isForAttachment ? "CNI_ARGS=A=1;B=two" : "CNI_ARGS=",
                "CNI_COMMAND=" + call.Name[..^2],
                isForAttachment ? "CNI_CONTAINERID=" + id : "CNI_CONTAINERID=",
                isForAttachment ? "CNI_IFNAME=eth0" : "CNI_IFNAME=",
                isForAttachment ? "CNI_NETNS=" + NetNs : "CNI_NETNS=",
                "CNI_PATH=/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni",
            ], call.Environment);
        }

        const string first =
            "\"cniVersion\":\"1.1.0\",\"name\":\"by-hand\",\"type\":\"recorder\",\"capabilities\":{\"portMappings\":true,\"mac\":false},"
                + "\"unknown\":{\"kept\":[1,1.50,\"é\"]},\"args\":{\"cni\":{\"x\":1}}";
        const string second = "\"cniVersion\":\"1.1.0\",\"name\":\"by-hand\",\"type\":\"recorder2\",\"capabilities\":{\"bandwidth\":true}";
        const string ports = "\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":1,\"containerPort\":2}]}";
        Sent(calls[0], $"{{{first},{ports}}}");
        Sent(calls[1], $"{{{second},\"prevResult\":{Result}}}");
        Sent(calls[2], $"{{{first},{ports},\"prevResult\":{Result}}}");
        Sent(calls[3], $"{{{second},\"prevResult\":{Result}}}");
        Sent(calls[4], $"{{{first}}}");
        Sent(calls[5], $"{{{second}}}");
        Sent(calls[6], $"{{{second},\"prevResult\":{Result}}}");
        Sent(calls[7], $"{{{first},{ports},\"prevResult\":{Result}}}");
        Sent(calls[8], $"{{{first},\"cni.dev/valid-attachments\":[],\"cni.dev/attachments\":[]}}");
        Sent(calls[9], $"{{{second},\"cni.dev/valid-attachments\":[],\"cni.dev/attachments\":[]}}");
        Assert.Contains("1.50", calls[0].Input, StringComparison.Ordinal); // byte-true, not read and written again
    }

    [Fact]
    public async Task Add_OfASecondPluginThatFails_IsUndone_AndBothOutputsAreTold()
    {
        await PrepareAsync();
        await Lab.OkAsync("printf '#!/bin/sh\\n[ $CNI_COMMAND = DEL ] && exit 0\\necho oops >&2; echo "
            + "\"{\\\\\"code\\\\\":103,\\\\\"msg\\\\\":\\\\\"no\\\\\",\\\\\"details\\\\\":\\\\\"way\\\\\"}\"; exit 1\\n' > "
                + "/opt/cni/bin/recorder2");

        var said = await Lab.FailsAsync($"{Lab.Cnid} add by-hand {NetNs}");
        Assert.Contains("plugin recorder2 of the list by-hand: no: way", said, StringComparison.Ordinal);
        Assert.Equal("103", await Lab.OkAsync(
            $"{Lab.Cnid} add --json by-hand {NetNs} | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"code\"])'"));
        Assert.Equal(2, (await RecordedAsync()).Count(call => call.Name == "DEL 1"));
        Assert.Equal("", await Lab.OkAsync("ls /var/lib/cnid/attachments"));
    }

    [Fact]
    public async Task TwoProcesses_OnOneContainer_TakeTurns()
    {
        await PrepareAsync();
        await Lab.OkAsync("sed -i 's/^ADD) /ADD) while [ ! -e \\/run\\/go ]; do sleep 0.05; done; /' /opt/cni/bin/recorder");
        var add = Lab.RunAsync($"{Lab.Cnid} add by-hand {NetNs}");
        await Lab.EventuallyAsync("the first plugin runs", async () =>
            (await Lab.RunAsync("ls /run/recorded/*/stdin | wc -l")).Output.Trim() == "1");
        var del = Lab.RunAsync($"{Lab.Cnid} del by-hand {NetNs}");
        await Lab.EventuallyAsync("DEL waits for the lock", async () => (await Lab.RunAsync("pgrep -fc 'cnid del'")).Output.Trim() != "0");
        await Lab.OkAsync("touch /run/go");

        Assert.Equal((0, 0), ((await add).Status, (await del).Status));
        Assert.Equal(["ADD 1", "ADD 2", "DEL 2", "DEL 1"], (await RecordedAsync()).Select(call => call.Name));
        await Lab.OkAsync("rm /run/go");
    }

    [Theory]
    [InlineData("add", "Required argument missing")]
    [InlineData("add by-hand /x --ifname", "--ifname")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("status x --timeout never", "--timeout: 'never' is not a number of seconds")]
    public async Task WrongUsage_IsStatus2_WithOneLine(string words, string line)
    {
        var result = await Lab.RunAsync($"{Lab.Cnid} {words}");
        Assert.Equal(2, result.Status);
        Assert.Contains(line, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RealChain_AddedCheckedAndDeleted_ByHand()
    {
        await Lab.OkAsync("ip netns add by-hand; cat > /etc/cni/net.d/pods.conflist "
            + $"<<'E'\n{{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"plugins\":[{{\"type\":\"bridge\",\"bridge\":\"pods0\","
                + $"\"isGateway\":true,\"ipMasq\":true,\"ipam\":{{\"type\":\"host-local\","
                + $"\"subnet\":\"10.77.0.0/24\"}}}},{{\"type\":\"firewall\"}}]}}\nE");
        Assert.Contains("10.77.0.", await Lab.OkAsync($"{Lab.Cnid} add pods {NetNs}"), StringComparison.Ordinal);
        await Lab.OkAsync($"{Lab.Cnid} check pods {NetNs} && ip netns exec by-hand busybox ping -c1 -W3 10.77.0.1");
        var address = await Lab.OkAsync("ip -n by-hand -o -4 address show dev eth0 | awk '{print $4}'");
        await Lab.OkAsync($"ip -n by-hand address del {address} dev eth0");
        Assert.Contains("plugin bridge of the list pods", await Lab.FailsAsync($"{Lab.Cnid} check pods {NetNs}"), StringComparison.Ordinal);
        await Lab.OkAsync($"ip -n by-hand address add {address} dev eth0"); // the reference bridge finds its masquerade rule by it
        await Lab.OkAsync($"{Lab.Cnid} del pods {NetNs} && {Lab.Cnid} del pods {NetNs} && ip netns del by-hand && ip link delete pods0");
    }

    private async Task PrepareAsync()
    {
        await Lab.OkAsync($"rm -rf /run/recorded; mkdir /run/recorded; cat > /run/recorder.result <<'E'\n{Result}\nE");
        await Lab.OkAsync($"cat > /opt/cni/bin/recorder <<'E'\n{Recorder}\nE\nchmod +x /opt/cni/bin/recorder; cp /opt/cni/bin/recorder "
            + "/opt/cni/bin/recorder2");
        await Lab.OkAsync($"cat > /etc/cni/net.d/by-hand.conflist <<'E'\n{List}\nE");
    }

    private Task<string> VerbAsync(string environment, string words) => Lab.OkAsync($"{environment} {Lab.Cnid} {words}");

    private async Task<List<Call>> RecordedAsync()
    {
        var calls = new List<Call>();
        foreach (var folder in (await Lab.OkAsync("ls /run/recorded")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = (await Lab.OkAsync($"cd /run/recorded/{folder} && cat argv && echo --- && cat env && echo --- && cat stdin"))
                .Split("---\n");
            calls.Add(new(parts[0].Trim().Split('\n'), parts[1].Trim().Split('\n'), parts[2]));
        }
        return calls;
    }

    private static void Sent(Call call, string expected) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(call.Input)),
            $"{call.Name}\nexpected {expected}\nsent     {call.Input}");

    private sealed record Call(string[] Arguments, string[] Environment, string Input)
    {
        public string Name =>
            $"{Environment.First(one => one.StartsWith("CNI_COMMAND=", StringComparison.Ordinal))["CNI_COMMAND=".Length..]} "
            + $"{(Arguments[^1].EndsWith('2') ? 2 : 1)}";
    }
}
