using CniCore.Linux;
using CniCore.Plugins.Firewall;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>
/// Where firewalld rules the host: keeps the bridges of generated networks, and the addresses of other attachments, in its zones. It
/// forgets them when it is reloaded or started again; its table is another one then, and nf_tables tells of that.
/// </summary>
internal sealed partial class FirewalldZoneSync(
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    CniRuntime runtime,
    HostNetwork host,
    TimeProvider clock,
    ILogger<FirewalldZoneSync> log) : BackgroundLoop("membership in firewalld's zones", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // firewalld writes its rules in several transactions.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(300);

    // It takes members in while it starts, and forgets them again: until then they are added in each pass.
    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(15);

    // One that was killed goes on with the table of the one before, and knows nothing of what is in it.
    private static readonly TimeSpan AnyCase = TimeSpan.FromSeconds(60);

    private readonly Lock changing = new();
    private readonly HashSet<FirewalldMember> members = [];
    private string? load;
    private DateTimeOffset settled;
    private DateTimeOffset addedAgain;

    /// <summary>A network has come or gone. What fails is tried again by the loop.</summary>
    public void NetworksHaveChanged()
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
            var addsAll = now != load || time < settled || time > addedAgain + AnyCase;
            if (addsAll)
                addedAgain = time;
            load = now;
            if (now is null)
                return;
            var wanted = Wanted();
            Report(FirewalldZones.Add(host, [.. addsAll ? wanted : wanted.Except(members)]));
            members.UnionWith(wanted);
            _ = FirewalldZones.Remove(host, [.. members.Except(wanted)]); // what it does not know is out
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

    [LoggerMessage(LogLevel.Warning, "firewalld refuses something of a network, whose containers may be cut off: {Reason}")]
    private partial void Refused(string reason);

    [LoggerMessage(LogLevel.Warning, "firewalld was not told of a network: {Reason}; it is tried again within seconds")]
    private partial void Later(string reason);
}
