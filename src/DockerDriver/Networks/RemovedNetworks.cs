using Docker.DotNet.Models;
using DockerDriver.Hosting;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>
/// Forgets networks that were removed while cnid did not run: Docker logs that the driver did not answer, and does not come back.
/// Asks the engine on its own time, never within one of its calls: at its start that would be a deadlock.
/// </summary>
internal sealed partial class RemovedNetworks(
    Settings settings,
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    NetworkService service,
    TimeProvider clock,
    ILogger<RemovedNetworks> log) : BackgroundLoop("comparison of networks with the engine's", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    // The engine lists a network only after CreateNetwork has been answered.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    private readonly HashSet<string> missed = new(StringComparer.Ordinal);

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var docker = DockerApi.Connect(settings);
        using var timer = new PeriodicTimer(Interval, Clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            if (networks.All.Count > 0)
                Compare(await DockerApi.AskAsync(cancel => docker.Networks.ListNetworksAsync(new NetworksListParameters(), cancel), DockerApi.Limit, stop));
            Succeeded();
        }
    }

    private void Compare(IEnumerable<NetworkResponse> listed)
    {
        var known = listed.Select(network => network.ID).ToHashSet(StringComparer.Ordinal);
        var gone = networks.All.Where(network => !known.Contains(network.Id) && IsQuiet(network)).ToList();
        foreach (var network in gone.Where(network => !missed.Add(network.Id)))
        {
            Gone(ShortId.Of(network.Id));
            Forget(network);
        }
        missed.IntersectWith(gone.Select(network => network.Id));
    }

    private void Forget(StoredNetwork network)
    {
        try
        {
            service.Forget(network);
        }
        catch (Exception fault)
        {
            NotForgotten(ShortId.Of(network.Id), fault.Message, Interval.TotalSeconds);
        }
    }

    private bool IsQuiet(StoredNetwork network) =>
        Clock.GetUtcNow() - network.CreatedAt > Grace && endpoints.All.All(endpoint => endpoint.NetworkId != network.Id);

    [LoggerMessage(LogLevel.Information, "network {Network} was removed while cnid did not run; forgetting it")]
    private partial void Gone(string network);

    [LoggerMessage(LogLevel.Error, "network {Network} could not be removed: {Reason}; next try in {Seconds} s")]
    private partial void NotForgotten(string network, string reason, double seconds);
}
