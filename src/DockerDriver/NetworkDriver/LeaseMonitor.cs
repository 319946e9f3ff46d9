using CniCore.Cache;
using CniCore.Linux.Namespaces;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Dhcp;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>Watches the DHCP daemons that hold leases: restarts one that has ended, and requests all leases again from a new one.</summary>
internal sealed partial class LeaseMonitor(
    DhcpDaemon daemon,
    LeaseService leases,
    EndpointReplay replay,
    CniRuntime runtime,
    StateFolder<StoredEndpoint> endpoints,
    TimeProvider clock,
    ILogger<LeaseMonitor> log) : BackgroundLoop("monitoring of DHCP leases", clock, log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override bool WaitsForEvents => true; // of the leases' daemon

    protected override async Task RunAsync(CancellationToken stop)
    {
        foreach (var socket in Leased().Select(DhcpConfig.SocketOf).Distinct().ToList())
            await daemon.EnsureAsync(socket, stop);
        Succeeded();
        await foreach (var daemonEvent in daemon.Events.ReadAllAsync(stop))
        {
            var leased = Leased().Where(attachment =>
                DhcpConfig.SocketOf(attachment) == daemonEvent.Socket && attachment.CreatedAt < daemonEvent.At).ToList();
            if (leased.Count == 0)
                continue;
            if (daemonEvent.HasEnded)
                await daemon.EnsureAsync(daemonEvent.Socket, stop);
            else
                await AcquireAsync(leased, stop);
        }
    }

    // Until each has its lease, or no longer exists.
    private async Task AcquireAsync(List<Attachment> leased, CancellationToken stop)
    {
        while (leased.Count > 0)
        {
            var missed = new List<Attachment>();
            foreach (var attachment in leased.Where(HasResult))
            {
                try
                {
                    await AcquireAsync(attachment, stop);
                }
                catch (RefusedException fault)
                {
                    NotLeased(ShortId.Of(attachment.ContainerId), fault.Message);
                }
                catch (CniException fault)
                {
                    NotLeased(ShortId.Of(attachment.ContainerId), fault.Message);
                    missed.Add(attachment);
                }
            }
            leased = missed;
            if (leased.Count > 0)
                await Task.Delay(Pause, Clock, stop);
        }
    }

    private Task AcquireAsync(Attachment attachment, CancellationToken cancel)
    {
        if (endpoints.Find(attachment.ContainerId) is { } endpoint)
            return replay.AcquireLeaseAsync(endpoint.Id, cancel);
        return NetworkNamespace.IsAt(attachment.NetNs)
            ? leases.AcquireAsync(attachment, attachment.NetNs, attachment.IfName, cancel)
            : Task.CompletedTask;
    }

    private bool HasResult(Attachment attachment) =>
        runtime.Find(NetworkName.Parse(attachment.Network), ContainerId.Parse(attachment.ContainerId),
            InterfaceName.Parse(attachment.IfName)) is { Result: not null };

    private IEnumerable<Attachment> Leased() =>
        runtime.Attachments().Where(attachment => attachment.Result is not null && DhcpConfig.IsLeased(attachment.List));

    [LoggerMessage(LogLevel.Error, "{Container} has no lease from the new DHCP client: {Reason}")]
    private partial void NotLeased(string container, string reason);
}
