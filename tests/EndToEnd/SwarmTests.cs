using EndToEnd.Host;

namespace EndToEnd;

/// <summary>The pair of labs carries a swarm, tried with a driver of Docker's own: what fails for ours is then ours.</summary>
public sealed class SwarmTests(LabPair pair) : IClassFixture<LabPair>
{
    [Fact]
    public async Task Service_OnANodeLocalNetwork_RunsOnBothNodes_AndTheTasksReachEachOther()
    {
        Assert.SkipWhen(Lab.CannotRun is not null, Lab.CannotRun ?? "");
        await pair.JoinSwarmAsync();
        await pair.One.DockerAsync(
            $"network create --config-only --subnet 198.51.100.0/24 --ip-range 198.51.100.64/26 -o parent={LabPair.Segment} here");
        await pair.Two.DockerAsync(
            $"network create --config-only --subnet 198.51.100.0/24 --ip-range 198.51.100.128/26 -o parent={LabPair.Segment} here");
        await pair.One.DockerAsync("network create -d macvlan --scope swarm --config-from here lan");

        await pair.One.DockerAsync(
            "service create --detach --no-resolve-image --name www --mode global --endpoint-mode dnsrr --network lan lab sleep 600");
        foreach (var node in new[] { pair.One, pair.Two })
            await Lab.EventuallyAsync("the task runs", async () => (await node.DockerAsync("ps -q -f name=www")).Length > 0, seconds: 90);
        var there = await pair.Two.DockerAsync("inspect -f '{{.NetworkSettings.Networks.lan.IPAddress}}' $(docker ps -q -f name=www)");
        Assert.StartsWith("198.51.100.", there, StringComparison.Ordinal);
        await pair.One.DockerAsync($"exec $(docker ps -q -f name=www) ping -c1 -W5 {there}");

        await pair.One.DockerAsync("service rm www");
        await pair.LeaveSwarmAsync();
    }
}
