using EndToEnd.Host;

namespace EndToEnd;

public sealed class NoneNetworkTests(Lab lab) : NoneNetworkTest(lab)
{
    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task OneLabel_AttachesAndReaches_AndStopFreesTheAddress(string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await ListAsync("pods", Bridge + """,{"type":"firewall"}""");
        await RunAsync("one", "--label cni.networks=pods");
        await RunAsync("two", "--label cni.networks=pods");

        var (one, two) = (await AddressAsync("one"), await AddressAsync("two"));
        Assert.StartsWith("10.77.0.", one, StringComparison.Ordinal);
        Assert.Contains("default via 10.77.0.1 dev eth0", await InAsync("one", "ip route"), StringComparison.Ordinal);
        await InAsync("one", $"ping -c1 -W3 {two}");
        await InAsync("one", "ping -c1 -W3 203.0.113.2");
        var listed = await Lab.OkAsync($"{Lab.Cnid} attachments");
        Assert.Matches($"pods +[0-9a-f]{{12}} +one +eth0 +{one}/24", listed);
        Assert.Matches($"pods +[0-9a-f]{{12}} +two +eth0 +{two}/24", listed);
        Assert.Contains(one + "\t", await InAsync("one", "cat /etc/hosts"), StringComparison.Ordinal);

        await Lab.DockerAsync("stop -t0 one two");
        await GoneAsync("one");
        await GoneAsync("two");
        Assert.Equal("", (await Lab.RunAsync("ls /var/lib/cni/networks/pods | grep ^10; ls /run/cnid/containers; ip -o link | grep veth")).Output);
        await RemoveBridgeAsync();
    }
}
