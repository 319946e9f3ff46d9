using System.Threading.Channels;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>
/// Restores the host's firewall rules: computes the wanted rules from the stored networks and attachments, compares them with the present
/// ones, and writes what is missing. At start, at each change of nf_tables, when the engine starts, and periodically, since changes of
/// legacy iptables are not notified.
/// </summary>
internal sealed partial class FirewallReconciler(
    NetworkFirewall firewall,
    HostNetwork host,
    CniRuntime runtime,
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    StateFolder<StoredReservation> reservations,
    RemovedRules removed,
    TimeProvider clock,
    ILogger<FirewallReconciler> log) : BackgroundLoop("restoring of firewall rules", clock, log), IReadinessCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // Programs change many rules at a time; they are compared once.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private readonly Channel<bool> changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public string Name => "rules";

    public Task<string?> NotReadyReasonAsync(CancellationToken cancel) => Task.FromResult(
        removed.Suspended is { Count: > 0 } places
            ? $"another program removes cnid's rules repeatedly, and they are not restored: {string.Join(", ", places)}"
            : null);

    /// <summary>Triggers a comparison for a change that nf_tables does not notify.</summary>
    public void Wake() => changes.Writer.TryWrite(true);

    /// <summary>Restores the rules of generated networks at once.</summary>
    /// <param name="isStart">The daemon starts: missing rules were not removed during its run.</param>
    public void RestoreNetworkRules(bool isStart) => firewall.Restore(MayWrite(isStart));

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var monitor = host.OpenMonitor();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var listens = Task.Factory.StartNew(() =>
            Listen(monitor, ends.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            for (var isStart = true; ; isStart = false)
            {
                await RestoreAsync(MayWrite(isStart), stop);
                Succeeded();
                await WaitAsync(stop);
            }
        }
        finally
        {
            await ends.CancelAsync();
            await listens;
        }
    }

    private async Task RestoreAsync(Func<string, bool> mayWrite, CancellationToken stop)
    {
        firewall.Restore(mayWrite);
        await runtime.AdmitEarlierAsync(IsOfAList, stop);
        await runtime.RestoreRulesAsync(mayWrite, stop);
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Interval);
        try
        {
            await changes.Reader.ReadAsync(limit.Token);
            await Task.Delay(Settling, Clock, stop);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // the periodic comparison, for legacy tables
        }
    }

    private void Listen(NftMonitor monitor, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (monitor.Wait(Settling * 5))
                Wake();
        }
    }

    // One answer per place and pass, whatever the number of its missing rules.
    private Func<string, bool> MayWrite(bool isStart)
    {
        if (isStart)
            return _ => true;
        var answers = new Dictionary<string, bool>(StringComparer.Ordinal);
        return place =>
        {
            if (answers.TryGetValue(place, out var known))
                return known;
            var (mayWrite, isReached) = removed.RecordMissing(place);
            if (mayWrite)
                Missing(place);
            if (isReached)
                LeftAlone(place);
            return answers[place] = mayWrite;
        };
    }

    private bool IsOfAList(CniCore.Cache.Attachment attachment) => reservations.Find(attachment.ContainerId) is null
        && (endpoints.Find(attachment.ContainerId) is not { } endpoint || networks.Find(endpoint.NetworkId) is { Bridge: null });

    [LoggerMessage(LogLevel.Warning, "rules of cnid were missing in {Place} and are restored")]
    private partial void Missing(string place);

    [LoggerMessage(LogLevel.Error, "rules of cnid are repeatedly removed from {Place}: they are not restored for now, and networks "
        + "may have no connectivity or isolation; 'nft monitor' shows which program removes them")]
    private partial void LeftAlone(string place);
}
