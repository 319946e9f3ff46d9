using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Logging;
using DockerDriver.NetworkDriver;
using DockerDriver.State;

namespace DockerDriver.Rebuild;

/// <summary>
/// Compares cnid's networks with the engine's, both ways. A network that was removed while cnid did not run is forgotten, since Docker does
/// not repeat DeleteNetwork: but only if the engine that had it twice does not list it, since another engine, or one with another
/// data-root, does not know it. A network that no engine has listed since CreateNetwork is forgotten if the engine does not have it. A
/// network that Docker has and cnid does not know is rebuilt.
/// </summary>
internal sealed partial class NetworkReconciler(
    Settings settings,
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    NetworkService service,
    NetworkRebuild rebuild,
    NetworkSignal networkSignal,
    EngineVersion version,
    EngineClient engine,
    TimeProvider clock,
    ILogger<NetworkReconciler> log) : BackgroundLoop("comparison of networks with the engine's", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    // For networks of cnid 0.1, which have no phase: the engine lists a network only after CreateNetwork has been answered.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ShortInterval = TimeSpan.FromMilliseconds(200);

    // Two listings this far apart are not both between CreateNetwork's answer and the engine's listing.
    private static readonly TimeSpan MissInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, long> missed = new(StringComparer.Ordinal);
    private readonly HashSet<string> kept = new(StringComparer.Ordinal);

    protected override async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            foreach (var network in networks.All.Where(network => network.Phase == NetworkPhase.Deleting))
                RetryDelete(network);
            var report = await engine.ReportAsync(EngineClient.LookUpLimit, stop);
            version.Set(report.Version);
            foreach (var network in networks.All)
                Compare(network, report);
            foreach (var id in missed.Keys.Except(networks.All.Select(network => network.Id)))
                missed.Remove(id);
            kept.IntersectWith(networks.All.Select(network => network.Id));
            await rebuild.RunAsync(report, stop);
            Succeeded();
            var pause = missed.Count > 0 ? MissInterval : Interval;
            await networkSignal.WaitAsync(networks.All.Any(network => network.Engine is null && IsWithinGrace(network)) ? ShortInterval
                : pause, stop);
        }
    }

    private void Compare(StoredNetwork network, EngineReport report)
    {
        if (network.Phase == NetworkPhase.Deleting)
            return;
        if (report.Networks.ContainsKey(network.Id))
        {
            missed.Remove(network.Id);
            kept.Remove(network.Id);
            service.MarkListed(network.Id);
            var seen = network.ListedBy(report.Identity, report.Major);
            if (seen != network)
                networks.Replace(network, seen);
        }
        else if (IsWithinGrace(network) || endpoints.All.Any(endpoint => endpoint.NetworkId == network.Id))
        {
            missed.Remove(network.Id);
        }
        else if (network.Engine != report.Identity && network.Phase != NetworkPhase.Creating)
        {
            missed.Remove(network.Id);
            if (kept.Add(network.Id))
            {
                var why = network.Engine is null ? "is not known to have had it" : "is not the one that had it";
                Kept(ShortId.Of(network.Id), network.ListName, settings.DockerHost, why);
            }
        }
        else if (missed.TryAdd(network.Id, Clock.GetTimestamp()) || Clock.GetElapsedTime(missed[network.Id]) < MissInterval)
        {
            // one more listing
        }
        else
        {
            if (network.Phase == NetworkPhase.Creating)
                NeverAnswered(ShortId.Of(network.Id));
            else
                Gone(ShortId.Of(network.Id));
            service.Forget(network);
        }
    }

    // Deletes a network whose deletion was interrupted or failed.
    private void RetryDelete(StoredNetwork network)
    {
        try
        {
            service.Forget(network);
        }
        catch (Exception fault) when (fault is CniException or NetlinkException or IOException)
        {
            NotEnded(ShortId.Of(network.Id), fault.Message);
        }
    }

    // A CreateNetwork that another process left unanswered is over.
    private bool IsWithinGrace(StoredNetwork network) =>
        network.Phase == NetworkPhase.Creating ? service.IsBeingCreated(network.Id) : Clock.Since(network.CreatedAt) < Grace;

    [LoggerMessage(LogLevel.Information, "network {Network} was removed while cnid did not run; deleting it")]
    private partial void Gone(string network);

    [LoggerMessage(LogLevel.Warning,
        "network {Network} is deleted, but its rules or its bridge could not be removed: {Reason}; next try in 20 s")]
    private partial void NotEnded(string network, string reason);

    [LoggerMessage(LogLevel.Information,
        "network {Network} was not created: its CreateNetwork was interrupted, and the engine does not have it")]
    private partial void NeverAnswered(string network);

    [LoggerMessage(LogLevel.Warning, "network {Network} (list {List}) is kept: the engine at {Engine} does not have it, but {Why}. "
        + "If it was removed: cnid network forget {Network}")]
    private partial void Kept(string network, string list, string engine, string why);
}
