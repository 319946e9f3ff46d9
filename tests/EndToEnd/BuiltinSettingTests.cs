using EndToEnd.Host;

namespace EndToEnd;

/// <summary>The setting <c>builtin</c> is changed while containers run: what is attached one way is deleted after the other.</summary>
public sealed class BuiltinSettingTests(Lab lab) : LabTest(lab)
{
    [Theory]
    [InlineData("auto", "off")]
    [InlineData("off", "auto")]
    public async Task GeneratedNetwork_UnderTheOtherSetting_TakesContainers_AndEndsThoseThatItHas(string before, string after)
    {
        await Lab.RestartCnidAsync($"CNID_BUILTIN={before}");
        await Lab.DockerAsync("network create -d cni --ipv6 --subnet 10.91.0.0/24 --subnet fd91::/64 web");
        await Lab.DockerAsync("run -d --name earlier --network web -p 8080:80 lab httpd -f -h /www");

        await Lab.RestartCnidAsync($"CNID_BUILTIN={after}");
        await Lab.DockerAsync("run -d --name later --network web -p 8081:80 lab httpd -f -h /www");
        await ServesAsync(8080);
        await ServesAsync(8081);
        await Lab.DockerAsync("exec later ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("exec earlier ping -c1 -W3 later");
        await Lab.DockerAsync("exec earlier ping6 -c1 -W3 later");
        await Lab.DockerAsync("restart -t0 earlier");
        await ServesAsync(8080);

        await Lab.RestartCnidAsync($"CNID_BUILTIN={before}");
        await Lab.DockerAsync("rm -f earlier later");
        await Lab.DockerAsync("network rm web");
    }

    private Task ServesAsync(int port) => Lab.EventuallyAsync($"port {port} serves", async () =>
        (await Lab.InternetAsync($"curl -sm5 http://203.0.113.1:{port}")).Output.Trim() == "hello");
}
