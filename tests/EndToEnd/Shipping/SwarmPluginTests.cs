using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>The managed plugin on two engines that are a swarm, on one segment.</summary>
public sealed class SwarmPluginTests(LabPair pair) : IClassFixture<LabPair>, IAsyncLifetime
{
    private Lab[] Nodes => [pair.One, pair.Two];

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PluginLab.CannotRun is not null, PluginLab.CannotRun ?? "");
        foreach (var node in Nodes)
            await PluginLab.InstallAsync(node);
        await pair.JoinSwarmAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (PluginLab.CannotRun is null)
            await pair.LeaveSwarmAsync();
    }

    [Fact]
    public async Task Service_OnOneCniNetwork_RunsOnBothNodes_AndIsRescheduledWhenOneLeaves()
    {
        await pair.One.OkAsync(CommandPages.Commands("swarm: first node"));
        await pair.Two.OkAsync(CommandPages.Commands("swarm: second node"));
        await pair.One.OkAsync(CommandPages.Commands("swarm: network"));
        await pair.One.OkAsync(CommandPages.Commands(
            "swarm: service", ("IMAGE", "lab httpd -f -h /www"), ("service create", "service create --detach --no-resolve-image")));

        var here = await TaskAsync(pair.One, 1);
        var there = await TaskAsync(pair.Two, 1);
        Assert.Matches(@"^198\.51\.100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])$", here[0].Address);
        Assert.Matches(@"^198\.51\.100\.(12[89]|1[3-8]\d|19[01])$", there[0].Address);
        Assert.Equal("hello", await pair.One.DockerAsync($"exec {here[0].Id} wget -qO- http://{there[0].Address}/"));
        Assert.Equal("hello", await pair.Two.DockerAsync($"exec {there[0].Id} wget -qO- http://{here[0].Address}/"));
        Assert.Contains("macvlan", await pair.One.OkAsync(
            $"nsenter -t $(docker inspect -f '{{{{.State.Pid}}}}' {here[0].Id}) -n ip -d link show eth0"), StringComparison.Ordinal);

        await pair.Two.DockerAsync("swarm leave");
        var both = await TaskAsync(pair.One, 2);
        Assert.Equal("hello", await pair.One.DockerAsync($"exec {both[0].Id} wget -qO- http://{both[1].Address}/"));
        await NothingIsLeftAsync(pair.Two);

        await pair.One.DockerAsync("service rm www");
        await Lab.EventuallyAsync("the tasks are gone", async () => (await pair.One.DockerAsync("ps -aq")).Length == 0, seconds: 60);
        await pair.One.DockerAsync("network rm lan");
        await NothingIsLeftAsync(pair.One);
    }

    /// <summary>Of ours: the engine keeps bridges and namespaces of the swarm.</summary>
    private static async Task NothingIsLeftAsync(Lab node)
    {
        var left = "";
        try
        {
            await Lab.EventuallyAsync("nothing is left", async () =>
                (left = await node.OkAsync($"find /var/lib/cnid -type f; find {node.Folder}/data/plugins/*/propagated-mount/netns -type "
                    + "f 2> /dev/null; ip -o link show type macvlan; ip -o link | grep -o ' cni[^:@]*'; true")).Length == 0);
        }
        catch (Exception)
        {
            Assert.Equal("", left);
        }
    }

    private async Task<List<(string Id, string Address)>> TaskAsync(Lab node, int count)
    {
        var tasks = new List<(string, string)>();
        var running = async () =>
        {
            tasks.Clear();
            foreach (var id in (await node.DockerAsync("ps -q -f name=www")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                tasks.Add((id, await node.DockerAsync($"inspect -f '{{{{.NetworkSettings.Networks.lan.IPAddress}}}}' {id}")));
            return tasks.Count == count;
        };
        try
        {
            await Lab.EventuallyAsync($"{count} tasks run", running, seconds: 90);
        }
        catch (Exception)
        {
            Assert.Fail($"{count} tasks do not "
                + $"run:\n{await pair.One.DockerAsync("service ps --no-trunc www")}\n{await pair.One.DockerAsync("node ls")}");
        }
        return tasks;
    }
}
