using EndToEnd.Host;

namespace EndToEnd;

/// <summary>A host with ufw, which drops what comes in and what is forwarded, in a lab of its own.</summary>
public sealed class UfwTests(Lab lab) : LabTest(lab), IClassFixture<Lab>
{
    [Fact]
    public async Task A6_UnderUfw_PacketsPass_AlsoAfterReload()
    {
        Assert.SkipUnless((await Lab.RunAsync("test -x /usr/sbin/ufw")).Status == 0, "ufw is not in this root");
        await Lab.OkAsync("iptables-save > /run/rules4; ip6tables-save > /run/rules6"); // ufw leaves its chains, and FORWARD open
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
        await Lab.OkAsync("for folder in /etc/ufw /etc/default /lib/ufw; do copy=/run/ufw$folder; mkdir -p $copy; cp -a $folder/. $copy/; mount --bind $copy $folder; done; ufw --force enable");
        await AssertPassesAsync();
        await Lab.OkAsync("ufw reload");
        await AssertPassesAsync();
        await Lab.DockerAsync("rm -f server");
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
        await AssertPassesAsync();
    }

    protected override Task ClearAsync() => Lab.RunAsync("ufw --force disable; iptables-restore < /run/rules4; ip6tables-restore < /run/rules6");

    private async Task AssertPassesAsync()
    {
        await Lab.DockerAsync("exec server ping -c1 -W3 203.0.113.2");
        var address = await Lab.DockerAsync("inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' server");
        await Lab.DockerAsync($"run --rm --network web lab ping -c1 -W3 {address}");
        await Lab.OkAsync($"busybox ping -c1 -W3 {address} && curl -s -m3 http://203.0.113.1:8080/");
        Assert.Contains("hello", (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output, StringComparison.Ordinal);
        await Lab.DockerAsync("network create other");
        await Lab.DockerAsync("run -d --name stranger --network other lab sleep 600");
        await Lab.FailsAsync($"docker exec stranger ping -c1 -W1 {address}");
        await Lab.DockerAsync("rm -f stranger");
        await Lab.DockerAsync("network rm other");
    }
}
