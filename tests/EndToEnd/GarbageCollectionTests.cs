using EndToEnd.Host;

namespace EndToEnd;

/// <summary><c>cnid gc</c> beside containers that start.</summary>
public sealed class GarbageCollectionTests(Lab lab) : NoneNetworkTest(lab)
{
    [Fact]
    public async Task A11_GcByHand_WhileContainersStart_KeepsTheirNetworks()
    {
        await ListAsync("pods", Bridge + """,{"type":"firewall"}""", version: "1.1.0");
        await Lab.RestartCnidAsync("CNID_BUILTIN=always");
        await Lab.OkAsync($"touch /run/collecting; setsid sh -c 'while [ -e /run/collecting ]; do CNID_BUILTIN=always {Lab.Cnid} gc "
            + "pods; done' > /run/collected 2>&1 < /dev/null & exit 0");
        await Task.WhenAll(Enumerable.Range(0, 12)
            .Select(n => Lab.DockerAsync($"run -d --name c{n} --network none --label cni.networks=pods lab sleep 600")));
        for (var n = 0; n < 12; n++)
            await AttachedAsync($"c{n}");
        await Lab.OkAsync("rm /run/collecting");
        Assert.Equal("", await Lab.OkAsync("cat /run/collected"));

        for (var n = 0; n < 12; n++)
            await InAsync($"c{n}", "ping -c1 -W3 10.77.0.1");
        Assert.Equal("12", await Lab.OkAsync("ls /var/lib/cni/networks/pods | grep -c ^10"));
        await Lab.DockerAsync($"rm -f {string.Join(' ', Enumerable.Range(0, 12).Select(n => $"c{n}"))}");
        for (var n = 0; n < 12; n++)
            await GoneAsync($"c{n}");
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    protected override Task ClearAsync() => Lab.RunAsync("rm -f /run/collecting /run/collected");
}
