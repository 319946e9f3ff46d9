using System.Globalization;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>What a container has put into its own files is no trouble to the daemon.</summary>
public sealed class ContainerFilesTests(Lab lab) : NoneNetworkTest(lab)
{
    [Theory]
    [InlineData("hosts")]
    [InlineData("resolv.conf")]
    [InlineData("hostname")]
    public async Task A12_FileMadeLarge_IsLeftAlone_AndCostsNeitherMemoryNorDisk(string file)
    {
        await ListAsync("pods", $$"""{{Bridge}},{"type":"late"}""");
        await WaitingPluginAsync();
        var before = await MemoryAsync();

        var id = await Lab.DockerAsync("run -d --name large --network none --label cni.networks=pods lab sh -c 'busybox truncate -s "
            + $"200M /etc/{file}; sleep 600'");
        await Lab.EventuallyAsync("it is large", async () =>
            (await Lab.OkAsync($"stat -c %s {Lab.Folder}/data/containers/{id}/{file}")) == "209715200");
        await Lab.OkAsync("touch /run/go-on");
        await AttachedAsync("large");
        await Lab.EventuallyAsync("its files are written", () =>
            Task.FromResult(Lab.CnidLog.Contains($"{id[..12]} attached to pods", StringComparison.Ordinal)));

        Assert.InRange(await MemoryAsync() - before, int.MinValue, 100_000); // it can be less than before
        // blocks of 512 bytes
        Assert.InRange(int.Parse(await Lab.OkAsync($"stat -c %b {Lab.Folder}/data/containers/{id}/{file}"), CultureInfo.InvariantCulture),
            0, 128);
        if (file != "hostname")
            Assert.Equal(1, Lab.CnidLog.Split('\n')
                .Count(line => line.Contains($"{id}/{file} is longer than 65536 bytes", StringComparison.Ordinal)));
        await Lab.DockerAsync("rm -f large");
        await GoneAsync("large");
        await RemoveBridgeAsync();
    }

    protected override Task ClearAsync() => Lab.RunAsync("rm -f /run/go-on; ip link delete pods0");

    // The most it has had so far, in KiB.
    private async Task<int> MemoryAsync() =>
        int.Parse(await Lab.OkAsync("awk '/^VmHWM/ {print $2}' /proc/$(pgrep -o -x cnid)/status"), CultureInfo.InvariantCulture);

    private Task<string> WaitingPluginAsync() => Lab.OkAsync("""
        cat > /opt/cni/bin/late <<'E'
        #!/bin/sh
        case $CNI_COMMAND in VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'; exit 0;; esac
        input=$(cat)
        [ $CNI_COMMAND = ADD ] || exit 0
        while [ ! -e /run/go-on ]; do sleep 0.05; done
        echo "$input" | python3 -c 'import json,sys
        print(json.dumps(json.load(sys.stdin)["prevResult"] | {"dns":{"nameservers":["10.77.0.9"]}}))'
        E
        chmod +x /opt/cni/bin/late
        """);
}
