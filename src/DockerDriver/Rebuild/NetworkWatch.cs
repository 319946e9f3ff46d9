using DockerDriver.Hosting;
using DockerDriver.Networks;
using DockerDriver.State;

namespace DockerDriver.Rebuild;

/// <summary>
/// Compares cnid's networks with the engine's, both ways. One that was removed while cnid did not run is forgotten: Docker does not
/// mention it again. It goes only if the very engine that had it says twice that it has it no more: another engine, or one with another
/// data-root, knows nothing of it. One that Docker has and cnid does not know is rebuilt.
/// </summary>
internal sealed partial class NetworkWatch(
    Settings settings,
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    NetworkService service,
    NetworkRebuild rebuild,
    NetworkNews news,
    EngineVersion version,
    TimeProvider clock,
    ILogger<NetworkWatch> log) : BackgroundLoop("comparison of networks with the engine's", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    // The engine lists a network only after CreateNetwork has been answered.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<string> missed = new(StringComparer.Ordinal);
    private readonly HashSet<string> kept = new(StringComparer.Ordinal);

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var docker = DockerApi.Connect(settings);
        while (true)
        {
            var report = await EngineReport.AskAsync(docker, DockerApi.Limit, stop);
            version.Note(report.Version);
            foreach (var network in networks.All)
                Compare(network, report);
            missed.IntersectWith(networks.All.Select(network => network.Id));
            kept.IntersectWith(networks.All.Select(network => network.Id));
            await rebuild.RunAsync(docker, report, stop);
            Succeeded();
            await news.WaitAsync(networks.All.Any(network => network.Engine is null && IsYoung(network)) ? Soon : Interval, stop);
        }
    }

    private void Compare(StoredNetwork network, EngineReport report)
    {
        if (report.Networks.ContainsKey(network.Id))
        {
            missed.Remove(network.Id);
            kept.Remove(network.Id);
            if (network.Engine != report.Identity || network.EngineMajor != report.Major)
                networks.Save(network with { Engine = report.Identity, EngineMajor = report.Major });
        }
        else if (IsYoung(network) || endpoints.All.Any(endpoint => endpoint.NetworkId == network.Id))
        {
            missed.Remove(network.Id);
        }
        else if (network.Engine != report.Identity)
        {
            missed.Remove(network.Id);
            if (kept.Add(network.Id))
            {
                var why = network.Engine is null ? "is not known to have had it" : "is another one than had it";
                Kept(ShortId.Of(network.Id), network.ListName, settings.DockerHost, why);
            }
        }
        else if (!missed.Add(network.Id))
        {
            Gone(ShortId.Of(network.Id));
            service.Forget(network);
        }
    }

    private bool IsYoung(StoredNetwork network) => Clock.Since(network.CreatedAt) < Grace;

    [LoggerMessage(LogLevel.Information, "network {Network} was removed while cnid did not run; forgetting it")]
    private partial void Gone(string network);

    [LoggerMessage(LogLevel.Warning, "network {Network} (list {List}) is kept: the engine at {Engine} does not have it, but {Why}. "
        + "If it is gone: cnid network forget {Network}")]
    private partial void Kept(string network, string list, string engine, string why);
}
