using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// What the host address of <c>-p</c> says: on a network with IPv4 alone, where host IPv6 is proxied, and on one with both families.
/// </summary>
public sealed class PublishedPortFamilyTests(Lab lab) : LabTest(lab)
{
    private static readonly string[] V4 = ["203.0.113.1", "127.0.0.1"];
    private static readonly string[] V6 = ["[2001:db8:ffff::1]", "[::1]"];

    [Theory]
    [InlineData("")]
    [InlineData("--ipv6 --subnet 10.44.0.0/24 --subnet fd00:44::/64")]
    public async Task A8_HostAddressOfP_SaysTheFamily(string options)
    {
        await Lab.DockerAsync($"network create -d cni {options} web");
        await Lab.DockerAsync(
            "run -d --name server --network web -p 0.0.0.0:8001:80 -p '[::]:8002:80' -p 0.0.0.0:8003:80 -p '[::]:8003:80' -p 8004:80 "
            + "-p 127.0.0.1:8005:80 -p '[2001:db8:ffff::1]:8006:80' lab httpd -f -h /www");

        // A container with IPv6 itself is reached from ::1 where bridges do not send IPv6 through the rules, which engines before 28
        // differ in.
        string[] v6 = options.Length == 0 ? V6 : V6[..1];
        await AnswersAsync(8001, V4);
        await AnswersAsync(8002, v6);
        await AnswersAsync(8003, [.. V4, .. v6]);
        await AnswersAsync(8004, [.. V4, .. v6]);
        await AnswersAsync(8005, "127.0.0.1");
        await AnswersAsync(8006, "[2001:db8:ffff::1]");
        Assert.NotEqual("hello", (await CurlAsync(8006, "[::1]")).Output.Trim());
    }

    [Fact]
    public async Task A8_OneFamilysPort_IsFreeForAnotherContainerInTheOther()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --network web -p 0.0.0.0:8080:80 lab httpd -f -h /www");
        await Lab.DockerAsync("run -d --network web -p '[::]:8080:80' lab httpd -f -h /www");
        await AnswersAsync(8080, [.. V4, .. V6]);
        Assert.Contains("port is already allocated", await Lab.FailsAsync("docker run --rm --network web -p 8080:80 lab true"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A8_IPv4Network_AnswersOverIPv6_TcpAndUdp_AlsoAfterARestartOfCnid()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 -p 5353:5353/udp lab sh -c 'dd if=/dev/zero of=/www/big "
            + "bs=1M count=8; udpecho 5353 & httpd -f -h /www'");
        for (var run = 1; run <= 2; run++)
        {
            await AnswersAsync(8080, [.. V4, .. V6]);
            Assert.Equal("8388608", (await Lab.InternetAsync("bash -c 'curl -s -m20 http://[2001:db8:ffff::1]:8080/big | wc -c'")).Text);
            await EchoesAsync(Lab.RunAsync, "::1");
            await EchoesAsync(Lab.InternetAsync, "2001:db8:ffff::1");
            await EchoesAsync(Lab.InternetAsync, "203.0.113.1");
            await Lab.RestartCnidAsync();
        }
        await Lab.DockerAsync("stop -t0 server");
        Assert.NotEqual(0, (await Lab.RunAsync("curl -s -m3 http://[::1]:8080/")).Status);
    }

    [Fact]
    public async Task A8_LabelContainerWithIPv4_AnswersOverIPv6()
    {
        await File.WriteAllTextAsync(Path.Combine(Lab.Folder, "list"), """
            {"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods-br","isGateway":true,"ipMasq":true,
              "ipam":{"type":"host-local","ranges":[[{"subnet":"10.74.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap",
               "capabilities":{"portMappings":true}},{"type":"firewall"}]}
            """);
        await Lab.OkAsync($"rm -rf /var/lib/cni/networks/pods; cp {Lab.Folder}/list /etc/cni/net.d/pods.conflist");
        await Lab.DockerAsync("run -d --name server --network none --label cni.networks=pods --label 'cni.ports=8080:80,0.0.0.0:8081:80' "
            + "lab httpd -f -h /www");
        await AnswersAsync(8080, [.. V4, .. V6]);
        await AnswersAsync(8081, V4);
        await Lab.RestartCnidAsync();
        await AnswersAsync(8080, [.. V4, .. V6]);
        await Lab.DockerAsync("rm -f server");
        await Lab.EventuallyAsync("the bridge is free", async () =>
            (await Lab.RunAsync("! ip -o link show master pods-br | grep . && ip link delete pods-br")).Status == 0);
    }

    // On these addresses, and on no other.
    private async Task AnswersAsync(int port, params string[] expected)
    {
        foreach (var host in expected)
            await Lab.EventuallyAsync($"port {port} answers on {host}", async () => (await CurlAsync(port, host)).Output.Trim() == "hello");
        foreach (var host in V4.Concat(expected.Any(V6.Contains) ? [] : V6).Except(expected))
            Assert.False((await CurlAsync(port, host)).Output.Trim() == "hello", $"port {port} answers on {host}");
    }

    private Task<CommandResult> CurlAsync(int port, string host) => host is "127.0.0.1" or "[::1]"
        ? Lab.RunAsync($"curl -s -g -m3 http://{host}:{port}/")
        : Lab.InternetAsync($"curl -s -g -m3 http://{host}:{port}/");

    private static Task EchoesAsync(Func<string, Task<CommandResult>> run, string host) => Lab.EventuallyAsync(
        $"an echo from {host}", async () =>
            (await run($"bash -c 'exec 3<>/dev/udp/{host}/5353; echo hello >&3; timeout 3 head -n1 <&3'")).Text == "hello");
}
