namespace EndToEnd.Host;

/// <summary>
/// Two labs side by side, each an engine and a cnid, on one shared segment: the interface <see cref="Segment"/> of each, where they are
/// <see cref="AddressOfOne"/> and <see cref="AddressOfTwo"/>. A class fixture; both die with it.
/// </summary>
public sealed class LabPair : IAsyncLifetime
{
    public const string Segment = "segment";
    public const string AddressOfOne = "192.0.2.1";
    public const string AddressOfTwo = "192.0.2.2";

    public Lab One { get; } = new();

    public Lab Two { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (Lab.CannotRun is not null)
            return; // each test says so; a fixture cannot skip
        await Task.WhenAll(One.InitializeAsync().AsTask(), Two.InitializeAsync().AsTask());
        var joined = await Lab.ShellAsync($"nsenter -t {One.Init} -n ip link add {Segment} type veth peer name {Segment} netns {Two.Init}");
        Assert.True(joined.Status == 0, joined.Text);
        await One.OkAsync($"ip address add {AddressOfOne}/24 dev {Segment} && ip link set {Segment} up");
        await Two.OkAsync($"ip address add {AddressOfTwo}/24 dev {Segment} && ip link set {Segment} up");
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Two.DisposeAsync();
    }

    /// <summary>Makes one swarm of the two: One manages, Two works.</summary>
    public async Task JoinSwarmAsync()
    {
        foreach (var lab in (Lab[])[One, Two])
        {
            if (lab.Engine.UsesNftables)
                await lab.RestartEngineAsync("TERM", "--feature swarm-nftables=true"); // refused without, on this back end
        }
        await One.DockerAsync($"swarm init --advertise-addr {AddressOfOne}");
        var token = await One.DockerAsync("swarm join-token -q worker");
        await Two.DockerAsync($"swarm join --advertise-addr {AddressOfTwo} --token {token} {AddressOfOne}:2377");
    }

    public async Task LeaveSwarmAsync()
    {
        await Two.RunAsync("docker swarm leave");
        await One.RunAsync("docker swarm leave --force");
    }
}
