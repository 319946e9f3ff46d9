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
        await Lab.OkAsync("for folder in /etc/ufw /etc/default /lib/ufw; do copy=/run/ufw$folder; mkdir -p $copy; cp -a $folder/. "
            + "$copy/; mount --bind $copy $folder; done; ufw --force enable");
        await PacketTable.AssertAsync(Lab);
        await Lab.OkAsync("ufw reload");
        await PacketTable.AssertAsync(Lab);
        await Lab.DockerAsync("rm -f server");
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
        await PacketTable.AssertAsync(Lab);
    }

    protected override Task ClearAsync() => Lab.RunAsync(
        "ufw --force disable; for tool in iptables ip6tables; do $tool-save | grep -v ufw | $tool-restore; done; iptables-restore < "
        + "/run/rules4; ip6tables-restore < /run/rules6");
}
