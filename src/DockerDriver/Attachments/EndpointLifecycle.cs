using System.Net;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Dhcp;
using DockerDriver.Errors;
using DockerDriver.Firewall;
using DockerDriver.HostPorts;
using DockerDriver.Lists;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>
/// The lifecycle of an endpoint's attachment: added in a holding namespace, handed over to libnetwork, deleted in the namespace where the
/// interface is then.
/// </summary>
internal sealed partial class EndpointLifecycle(
    StateFolder<StoredEndpoint> endpoints,
    Attacher attacher,
    PortReservations ports,
    LeaseService leases,
    NetworkFirewall firewall,
    KeyedLocks locks,
    Boot boot,
    TimeProvider clock,
    ILogger<EndpointLifecycle> log) : AttachmentLifecycle<StoredEndpoint>(endpoints, locks, clock)
{
    // The time limit of a plugin; nobody waits for it.
    private static readonly TimeSpan LeaseLimit = TimeSpan.FromSeconds(20);

    /// <summary>The stored result of the endpoint's ADD; null where none has succeeded.</summary>
    public CniResult? ResultOf(StoredEndpoint endpoint) => attacher.ResultOf(endpoint);

    /// <summary>Adds the endpoint, and its container's name where known, to every log line inside the scope.</summary>
    public IDisposable? BeginScope(string id) => log.BeginAttachment(id, Find(id)?.ContainerName ?? "");

    /// <summary>Runs ADD. Ports that cannot be published separately are reserved and passed with it.</summary>
    public async Task<AddedEndpoint> AddAsync(
        StoredNetwork network, StoredEndpoint endpoint, string sandbox, IReadOnlyList<PortBinding> published, CancellationToken cancel)
    {
        var wanted = PortsForAdd(network, published);
        await AwaitPreviousAsync(endpoint, published, cancel);
        var intent = endpoint with
        {
            Phase = EndpointPhase.Held,
            Ports = ports.Take(endpoint.Id, sandbox, wanted),
            SandboxKey = sandbox,
        };
        return await AddAsync(intent, async held =>
        {
            var (result, mac, link, delta) = await attacher.AddAsync(network, held, cancel);
            held = held with { Link = link, NetnsDelta = delta };
            if (held.Mac.Length == 0 || delta is not null)
                held = Save(held with { Mac = held.Mac.Length == 0 ? mac : held.Mac });
            Added(string.Join(", ", result.Ips.Select(ip => ip.Address)), PortRanges.Text(held.Ports));
            return new AddedEndpoint(held, result);
        });
    }

    /// <summary>An endpoint whose ADD ran in an earlier call. An interrupted ADD is undone.</summary>
    /// <exception cref="RefusedException">Its ADD was interrupted.</exception>
    public async Task<AddedEndpoint> ResumeAsync(StoredEndpoint endpoint)
    {
        if (ResultOf(endpoint) is { } result)
            return new(endpoint, result);
        if (endpoint.Phase == EndpointPhase.Joined)
            throw new InvalidOperationException("an endpoint has joined without a result");
        var fault = new RefusedException("its ADD was interrupted: cnid was stopped");
        await UndoAsync(endpoint, fault);
        throw fault;
    }

    /// <summary>Moves the interface to where libnetwork looks for it. A failure is undone.</summary>
    public async Task<StoredEndpoint> HandOverAsync(AddedEndpoint added)
    {
        try
        {
            var joined = Save(added.Endpoint with { Phase = EndpointPhase.Joined });
            var link = attacher.HandOver(added with { Endpoint = joined });
            return link == joined.Link ? joined : Save(joined with { Link = link });
        }
        catch (Exception fault)
        {
            await UndoAsync(added.Endpoint, fault);
            throw;
        }
    }

    public override Task<StoredEndpoint> DeleteAsync(StoredEndpoint record) => DeleteAsync(record, mayDeleteInSandbox: false);

    /// <summary>Runs DEL, and removes the record.</summary>
    /// <param name="endpoint">The record.</param>
    /// <param name="mayDeleteInSandbox">The sandbox is about to be destroyed, so that DEL may delete the interface inside it.</param>
    public Task<StoredEndpoint> DeleteAsync(StoredEndpoint endpoint, bool mayDeleteInSandbox) => DeleteAsync(endpoint, async record =>
    {
        if (endpoint.OpenPorts.Count > 0)
            firewall.Update();
        record = await ReleaseLeaseAsync(record);
        await attacher.TearDownAsync(record, mayDeleteInSandbox);
        ports.Release(record.Id);
        Records.Remove(record.Id);
        return record;
    });

    /// <summary>Runs DEL for an endpoint that Docker will not mention again, unless a call has changed it since.</summary>
    public async Task ForgetAsync(StoredEndpoint judged)
    {
        using var scope = BeginScope(judged.Id);
        using var held = await LockAsync(judged.Id, CancellationToken.None);
        if (ReferenceEquals(Find(judged.Id), judged))
            await DeleteAsync(judged, mayDeleteInSandbox: !Sandbox.HasProcesses(judged));
    }

    /// <summary>Tears down an endpoint without a record, after the state was lost.</summary>
    public Task DeleteUnrecordedAsync(StoredNetwork? network, StoredEndpoint unrecorded) =>
        attacher.TearDownUnrecordedAsync(network, unrecorded);

    /// <summary>Tears an endpoint down manually, even if its plugins fail. Returns a message for the user.</summary>
    public async Task<string> ReleaseAsync(StoredEndpoint endpoint)
    {
        var line = await attacher.ReleaseAsync(endpoint, mayDeleteInSandbox: !Sandbox.HasProcesses(endpoint));
        ports.Release(endpoint.Id);
        Records.Remove(endpoint.Id);
        if (endpoint.OpenPorts.Count > 0)
            firewall.Update();
        return line;
    }

    /// <summary>Releases a DHCP lease.</summary>
    public async Task<StoredEndpoint> ReleaseLeaseAsync(StoredEndpoint endpoint)
    {
        if (!endpoint.IsLeased)
            return endpoint;
        using var deadline = new CancellationTokenSource(LeaseLimit, Clock);
        await leases.ReleaseAsync(endpoint, deadline.Token);
        return endpoint.LeaseInterface is null ? endpoint : SaveBestEffort(endpoint with { LeaseInterface = null });
    }

    protected override void ReleaseHeld(StoredEndpoint intent) => ports.Release(intent.Id);

    // Ports stay reserved while rules for them may exist.
    protected override async Task<StoredEndpoint?> AfterFailedDeleteAsync(StoredEndpoint record, Exception fault)
    {
        if (await TryForgetAfterRebootAsync(record, fault))
            return null;
        if (attacher.MayHavePortRules(record))
            return record;
        ports.Release(record.Id);
        return record with { Ports = [] };
    }

    /// <summary>
    /// After a reboot the kernel has nothing of the endpoint. If its plugins keep no state outside this host, one DEL, for the local files,
    /// is enough.
    /// </summary>
    private async Task<bool> TryForgetAfterRebootAsync(StoredEndpoint endpoint, Exception fault)
    {
        try
        {
            if (endpoint.Boot.Length == 0 || endpoint.Boot == boot.Id || !await attacher.ForgetLocalAsync(endpoint))
                return false;
            ports.Release(endpoint.Id);
            Records.Remove(endpoint.Id);
            Forgotten(fault.Message);
            return true;
        }
        catch (Exception failed)
        {
            NotForgotten(failed.Message);
            return false;
        }
    }

    // A container that is recreated requests the address and the ports of its predecessor.
    private Task AwaitPreviousAsync(StoredEndpoint endpoint, IReadOnlyList<PortBinding> published, CancellationToken cancel)
    {
        var addresses = AddressesOf(endpoint);
        return AwaitPreviousAsync(
            endpoint.Id, other => Shares(other) || PublishablePorts.AnyOf(other.Ports, published), ForgetAsync, cancel);

        bool Shares(StoredEndpoint other) =>
            addresses.Count > 0 && other.ListName == endpoint.ListName
                && (AddressesOf(other).Overlaps(addresses) || ResultAddresses(other).Any(addresses.Contains));
    }

    private IEnumerable<IPAddress> ResultAddresses(StoredEndpoint endpoint) =>
        attacher.ResultOf(endpoint)?.Ips.Select(ip => ip.Address.Address) ?? [];

    private static HashSet<IPAddress> AddressesOf(StoredEndpoint endpoint) =>
        [.. endpoint.Addresses.Concat(endpoint.RequestedIps)
            .Select(address => AddressText.TryParse(address.Split('/')[0], out var parsed) ? parsed : null).OfType<IPAddress>()];

    private IReadOnlyList<PortBinding> PortsForAdd(StoredNetwork network, IReadOnlyList<PortBinding> published)
    {
        if (ListJson.CanChangePorts(network.List))
            return [];
        if (network.List.HasCapability(CapabilityNames.PortMappings))
            return published;
        if (published.Count > 0)
            PortsIgnored(network.ListName);
        return [];
    }

    protected override void LogFailedDelete(StoredEndpoint record, string reason, double seconds) => NotTornDown(reason, seconds);

    protected override void LogRepeatedFailedDelete(StoredEndpoint record, string reason, double seconds) =>
        StillNotTornDown(reason, seconds);

    [LoggerMessage(LogLevel.Information, "added {Addresses} {Ports}")]
    private partial void Added(string addresses, string ports);

    [LoggerMessage(LogLevel.Warning, "ports are not published: no plugin of the list {List} has the capability portMappings")]
    private partial void PortsIgnored(string list);

    [LoggerMessage(LogLevel.Warning,
        "forgotten after its DEL failed: it was added before the last reboot, and its plugins keep no state outside this host: {Reason}")]
    private partial void Forgotten(string reason);

    [LoggerMessage(LogLevel.Error, "could not be forgotten: {Reason}")]
    private partial void NotForgotten(string reason);

    [LoggerMessage(LogLevel.Information, "waits for the teardown of {Previous}, with the same address or port")]
    protected override partial void AwaitsPrevious(string previous);

    [LoggerMessage(
        LogLevel.Error,
        "not torn down: {Reason}; next try in {Seconds} s, then with growing pauses until it succeeds; see 'cnid attachments'")]
    private partial void NotTornDown(string reason, double seconds);

    [LoggerMessage(LogLevel.Debug, "still not torn down: {Reason}; next try in {Seconds} s")]
    private partial void StillNotTornDown(string reason, double seconds);
}
