using CniCore.Linux;
using CniCore.Plugins.Firewall;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>
/// Keeps the bridges of generated networks, and the addresses of other attachments, in firewalld's zones, where it runs. firewalld forgets
/// them at a reload or restart; its table is then replaced, which an nf_tables notification tells.
/// </summary>
internal sealed partial class FirewalldZoneSync(
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    CniRuntime runtime,
    HostNetwork host,
    TimeProvider clock,
    ILogger<FirewalldZoneSync> log) : BackgroundLoop("synchronization of firewalld's zones", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // firewalld writes its rules in several transactions.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(300);

    // During its start it accepts members and forgets them: they are added in each pass.
    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(15);

    // A firewalld that was killed and restarted keeps its predecessor's table without knowing the members.
    private static readonly TimeSpan ReaddInterval = TimeSpan.FromSeconds(60);

    private readonly Lock changing = new();
    private readonly HashSet<FirewalldMember> members = [];
    private string? load;
    private DateTimeOffset settled;
    private DateTimeOffset addedAgain;

    /// <summary>A network was created or deleted. A failure is retried by the loop.</summary>
    public void NetworksChanged()
    {
        try
        {
            Compare();
        }
        catch (Exception fault) when (fault is CniException or IOException)
        {
            Later(fault.Message);
        }
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var monitor = host.OpenMonitor();
        while (!stop.IsCancellationRequested)
        {
            Compare();
            Succeeded();
            if (await Task.Factory.StartNew(() => monitor.Wait(Interval), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default))
                await Task.Delay(Settling, Clock, stop);
        }
    }

    private void Compare()
    {
        lock (changing)
        {
            var now = FirewalldZones.Load(host);
            var time = Clock.GetUtcNow();
            if (now != load)
                settled = time + Starting;
            var addsAll = now != load || time < settled || time > addedAgain + ReaddInterval;
            if (addsAll)
                addedAgain = time;
            load = now;
            if (now is null)
                return;
            var wanted = Wanted();
            Report(FirewalldZones.Add(host, [.. addsAll ? wanted : wanted.Except(members)]));
            members.UnionWith(wanted);
            _ = FirewalldZones.Remove(host, [.. members.Except(wanted)]); // an unknown member needs no removal
            members.IntersectWith(wanted);
        }
    }

    private HashSet<FirewalldMember> Wanted() =>
    [
        .. networks.All.Select(network => network.Bridge).OfType<GeneratedBridge>().Select(bridge => FirewalldZones.Interface(bridge.Name)),
        .. runtime.Attachments().Where(IsOfAList).SelectMany(attachment => FirewalldZones.Of(attachment.List, attachment.Result)),
    ];

    private bool IsOfAList(CniCore.Cache.Attachment attachment) =>
        endpoints.Find(attachment.ContainerId) is not { } endpoint || networks.Find(endpoint.NetworkId) is { Bridge: null };

    private void Report(IReadOnlyList<string> refusals)
    {
        foreach (var refusal in refusals)
            Refused(refusal);
    }

    [LoggerMessage(LogLevel.Warning, "firewalld refuses a zone member, whose containers may have no connectivity: {Reason}")]
    private partial void Refused(string reason);

    [LoggerMessage(LogLevel.Warning, "firewalld could not be updated: {Reason}; it is retried within seconds")]
    private partial void Later(string reason);
}
