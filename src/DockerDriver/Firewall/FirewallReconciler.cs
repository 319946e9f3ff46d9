using System.Threading.Channels;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>
/// Keeps the host's rules what they should be. What should stand is made from the networks and attachments that are stored, what stands is
/// compared with it, and what is missing is written again: at the start, whenever somebody has changed nf_tables, when the engine starts,
/// and now and then, because nobody is told of a change to iptables' legacy tables.
/// </summary>
internal sealed partial class FirewallReconciler(
    NetworkFirewall firewall,
    HostNetwork host,
    CniRuntime runtime,
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    RemovedRules removed,
    TimeProvider clock,
    ILogger<FirewallReconciler> log) : BackgroundLoop("care for the host's rules", clock, log), IReadinessCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // Programs change rules many at a time; one look for all of them.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private readonly Channel<bool> changes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public string Name => "rules";

    public Task<string?> NotReadyReasonAsync(CancellationToken cancel) => Task.FromResult(
        removed.LeftAlone is { Count: > 0 } places
            ? $"somebody removes cnid's rules again and again, and they are left alone: {string.Join(", ", places)}"
            : null);

    /// <summary>Looks soon: something has happened that nf_tables does not tell.</summary>
    public void Wake() => changes.Writer.TryWrite(true);

    /// <summary>Looks after generated networks at once: what keeps them apart, and what lets them pass.</summary>
    /// <param name="isStart">Of the daemon: what is missing has not been removed under its eyes.</param>
    public void MendBridges(bool isStart) => firewall.Mend(Asking(isStart));

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
                await MendAsync(Asking(isStart), stop);
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

    private async Task MendAsync(Func<string, bool> mayWrite, CancellationToken stop)
    {
        firewall.Mend(mayWrite);
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
            // nothing is heard of legacy tables
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

    // One answer for a place in each pass, however many of its rules are missing.
    private Func<string, bool> Asking(bool isStart)
    {
        if (isStart)
            return _ => true;
        var answers = new Dictionary<string, bool>(StringComparer.Ordinal);
        return place =>
        {
            if (answers.TryGetValue(place, out var known))
                return known;
            var (mayWrite, isReached) = removed.Note(place);
            if (mayWrite)
                Missing(place);
            if (isReached)
                LeftAlone(place);
            return answers[place] = mayWrite;
        };
    }

    private bool IsOfAList(CniCore.Cache.Attachment attachment) =>
        endpoints.Find(attachment.ContainerId) is not { } endpoint || networks.Find(endpoint.NetworkId) is { Bridge: null };

    [LoggerMessage(LogLevel.Warning, "rules of cnid were missing in {Place}: somebody has removed them, and they are written again")]
    private partial void Missing(string place);

    [LoggerMessage(LogLevel.Error, "rules of cnid are removed from {Place} again and again: they are left alone for now, and networks "
        + "may be cut off or not kept apart; find out who removes them, 'nft monitor' shows it")]
    private partial void LeftAlone(string place);
}
