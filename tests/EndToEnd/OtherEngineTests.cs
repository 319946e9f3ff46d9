using EndToEnd.Host;

namespace EndToEnd;

/// <summary>The engine that is asked is another one than had the networks: it has another data-root.</summary>
public sealed class OtherEngineTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task A3_EngineWithAnotherDataRoot_NetworksAreKept_Reported_AndForgottenByHand()
    {
        var web = await CreatedAsync("web", "-o com.docker.network.driver.mtu=1400");
        var old = await CreatedAsync("old", "");
        Assert.Contains("docker network rm old", await Lab.FailsAsync($"{Lab.Cnid} network forget {old[..12]}"), StringComparison.Ordinal);
        await Lab.RestartEngineAsync("TERM", $"--data-root {Lab.Folder}/other");

        await Lab.EventuallyAsync("both are reported", async () =>
        {
            await Task.Yield();
            return Lab.CnidLog.Contains($"network {web[..12]} (list cnid-{web[..12]}) is kept", StringComparison.Ordinal)
                && Lab.CnidLog.Contains($"network {old[..12]} (list cnid-{old[..12]}) is kept", StringComparison.Ordinal);
        }, seconds: 90);
        foreach (var verb in new[] { "networks", "doctor" })
        {
            // without a word where the engine does not answer within seconds
            await Lab.EventuallyAsync($"'cnid {verb}' says so", async () =>
                (await Lab.RunAsync($"{Lab.Cnid} {verb} | tr -s '\\n ' ' '")).Output.Contains(
                    $"cnid network forget {web[..12]}", StringComparison.Ordinal));
        }
        Assert.Contains($"forgot {old[..12]}", await Lab.OkAsync($"{Lab.Cnid} network forget {old[..12]}"), StringComparison.Ordinal);
        Assert.Contains("there is no network", await Lab.FailsAsync($"{Lab.Cnid} network forget {old[..12]}"), StringComparison.Ordinal);
        Assert.Equal($"{web}.json", await Lab.OkAsync("ls /var/lib/cnid/networks"));

        await Lab.RestartEngineAsync("TERM");
        Assert.Contains("mtu 1400", await Lab.DockerAsync("run --rm --network web lab ip link show eth0"), StringComparison.Ordinal);
        await Lab.EventuallyAsync("the one that was forgotten is rebuilt, for Docker has it", async () =>
            (await Lab.RunAsync($"grep -q rebuiltAt /var/lib/cnid/networks/{old}.json")).Status == 0);
    }

    protected override Task ClearAsync() => Lab.RunAsync($"rm -rf {Lab.Folder}/other");

    // Created, and seen with the engine.
    private async Task<string> CreatedAsync(string name, string options)
    {
        var id = await Lab.DockerAsync($"network create -d cni {options} {name}");
        await Lab.EventuallyAsync($"{name} is seen with its engine", async () =>
            (await Lab.RunAsync($"grep -q '\"engine\"' /var/lib/cnid/networks/{id}.json")).Status == 0);
        return id;
    }
}
