namespace EndToEnd.Vm;

/// <summary>A host whose firewall is a service that is there from the boot on, and loads its rules again when it is asked to.</summary>
public sealed class FirewallServiceTests(VmDisk disk) : VmTest(disk)
{
    private static readonly (string Container, int Port)[] Servers = [("generated", 8080), ("list", 8081)];

    [Fact]
    public async Task Nftables_IsRestarted_RulesComeBack()
    {
        await ServersAsync();
        await Machine.OkAsync("systemctl restart nftables; nft list ruleset");
        await PacketsPassAsync(Servers);
        await Machine.OkAsync("systemctl enable nftables");
        await Machine.RebootAsync();
        await PacketsPassAsync(Servers);
    }

    [Fact]
    public async Task Ufw_IsEnabled_PacketsPass_AlsoAfterReloadAndReboot()
    {
        await ServersAsync();
        await Machine.OkAsync("systemctl enable ufw; ufw --force enable");
        await PacketsPassAsync(Servers);
        await Machine.OkAsync("ufw reload");
        await PacketsPassAsync(Servers);
        await Machine.RebootAsync();
        Assert.Contains("Status: active", await Machine.OkAsync("ufw status"), StringComparison.Ordinal);
        await PacketsPassAsync(Servers);
    }

    [Fact]
    public async Task Firewalld_IsThereFromTheBootOn_PacketsPass_AlsoAfterReload()
    {
        await ServersAsync();
        await Machine.OkAsync("systemctl enable firewalld");
        await Machine.RebootAsync();
        Assert.Equal("running", await Machine.OkAsync("firewall-cmd --state"));
        await PacketsPassAsync(Servers);
        await Machine.OkAsync("firewall-cmd --reload");
        await PacketsPassAsync(Servers);
    }

    private async Task ServersAsync()
    {
        await BuiltInsAlwaysAsync();
        await ListAsync("pods", 77);
        await NetworkOfAsync("pods");
        await Machine.OkAsync("""
            docker network create -d cni web
            docker run -d --restart always --name generated --network web -p 8080:80 lab httpd -f -h /www
            docker run -d --restart always --name list --network pods -p 8081:80 lab httpd -f -h /www
            """);
        await PacketsPassAsync(Servers);
    }
}
