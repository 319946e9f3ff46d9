namespace EndToEnd.Vm;

/// <summary>
/// What runs when a machine ends, in order or not, runs again after the next boot, on its networks; and nothing of before is left.
/// </summary>
public sealed class BootTests(VmDisk disk) : VmTest(disk)
{
    // All that should be attached is, once; nothing else is on record.
    private const string AsItShouldBe = """
        running=$(docker ps -q --filter status=running | wc -l)
        cnid attachments --json | python3 -c '
        import json, sys
        there = json.load(sys.stdin)
        print(*((one["name"], one["phase"]) for one in there))
        sys.exit(len(there) != int(sys.argv[1]) or any(one["phase"] != "added" for one in there))' $running
        """;

    private static readonly (string Container, int Port)[] Servers = [("generated", 8080), ("list", 8081), ("label", 8082)];

    [Theory]
    [InlineData("reference plugins")]
    [InlineData("built-in plugins")]
    public async Task RebootAndPowerCut_ContainersAreBackOnTheirNetworks(string plugins)
    {
        if (plugins == "built-in plugins")
            await BuiltInsAlwaysAsync();
        await ListAsync("pods", 77);
        await ListAsync("tags", 78);
        await NetworkOfAsync("pods");
        await Machine.OkAsync("""
            docker network create -d cni web
            server="docker run -d --restart always"
            $server --name generated --network web -p 8080:80 lab httpd -f -h /www
            $server --name list --network pods -p 8081:80 lab httpd -f -h /www
            $server --name label --network none --label cni.networks=tags --label cni.ports=8082:80 lab httpd -f -h /www
            """);
        await PacketsPassAsync(Servers);

        await Machine.RebootAsync();
        await AllIsThereAsync();
        await Machine.CutPowerAsync();
        await Machine.BootAsync();
        await AllIsThereAsync();

        // Without power while they start: some are attached, some on their way, some not begun.
        await Machine.CutPowerAsync();
        await Machine.BootAsync(settle: false);
        await EventuallyAsync("test $(ls /run/docker/netns | wc -w) -ge 2");
        await Machine.CutPowerAsync();
        await Machine.BootAsync();
        await AllIsThereAsync();

        await Machine.OkAsync("docker rm -f generated list label && docker network rm web pods");
        await EventuallyAsync("! cnid attachments --json | grep -q phase");
        await Machine.OkAsync(
            "! ls /var/lib/cnid/*/*.json && ! ip -o link | grep -E 'cni-|veth[0-9a-f]{8}' && test -z \"$(ls /run/cnid/netns)\"");
    }

    private async Task AllIsThereAsync()
    {
        await PacketsPassAsync(Servers);
        await EventuallyAsync(AsItShouldBe);
        await Machine.OkAsync("cnid doctor");
    }
}
