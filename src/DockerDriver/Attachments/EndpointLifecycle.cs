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
/// The lifecycle of an endpoint's attachment: made in a holding namespace, handed over to libnetwork, deleted wherever it is by then.
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
    // Docker's own call has 25 s, of which the ADD wants most.
    private static readonly TimeSpan FormerLimit = TimeSpan.FromSeconds(10);

    // As long as a plugin may take; nobody waits for it.
    private static readonly TimeSpan LeaseLimit = TimeSpan.FromSeconds(20);

    /// <summary>The stored result of the endpoint's ADD; null where none has succeeded.</summary>
    public CniResult? ResultOf(StoredEndpoint endpoint) => attacher.ResultOf(endpoint);

    /// <summary>Names the endpoint on every line that is logged inside; by its container's name too, where that is known.</summary>
    public IDisposable? BeginScope(string id) => log.BeginAttachment(id, Find(id)?.ContainerName ?? "");

    /// <summary>ADD. Ports that cannot be published apart are taken and given with it.</summary>
    public async Task<AddedEndpoint> AddAsync(
        StoredNetwork network, StoredEndpoint endpoint, string sandbox, IReadOnlyList<PortBinding> published, CancellationToken cancel)
    {
        var wanted = PortsOfAdd(network, published);
        await AwaitFormerAsync(endpoint, published, cancel);
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

    /// <summary>One whose ADD ran in an earlier call. What an ADD that was broken off has left is undone.</summary>
    /// <exception cref="RefusedException">Its ADD did not end.</exception>
    public async Task<AddedEndpoint> ResumeAsync(StoredEndpoint endpoint)
    {
        if (ResultOf(endpoint) is { } result)
            return new(endpoint, result);
        if (endpoint.Phase == EndpointPhase.Joined)
            throw new InvalidOperationException("an endpoint has joined without a result");
        var fault = new RefusedException("its ADD did not end: cnid was stopped meanwhile");
        await UndoAsync(endpoint, fault);
        throw fault;
    }

    /// <summary>Puts the interface where libnetwork looks for it. What fails is undone.</summary>
    public async Task<StoredEndpoint> HandOverAsync(AddedEndpoint made)
    {
        try
        {
            var joined = Save(made.Endpoint with { Phase = EndpointPhase.Joined });
            var link = attacher.HandOver(made with { Endpoint = joined });
            return link == joined.Link ? joined : Save(joined with { Link = link });
        }
        catch (Exception fault)
        {
            await UndoAsync(made.Endpoint, fault);
            throw;
        }
    }

    public override Task<StoredEndpoint> DeleteAsync(StoredEndpoint record) => DeleteAsync(record, maySandboxServe: false);

    /// <summary>DEL.</summary>
    /// <param name="endpoint">The record.</param>
    /// <param name="maySandboxServe">The sandbox is about to be destroyed, so that DEL may delete the interface inside it.</param>
    public Task<StoredEndpoint> DeleteAsync(StoredEndpoint endpoint, bool maySandboxServe) => DeleteAsync(endpoint, async record =>
    {
        if (endpoint.OpenPorts.Count > 0)
            firewall.Update();
        record = await ReleaseLeaseAsync(record);
        await attacher.TearDownAsync(record, maySandboxServe);
        ports.Release(record.Id);
        Records.Remove(record.Id);
        return record;
    });

    /// <summary>DEL of one that Docker will not mention again; unless a call has changed it since it was judged.</summary>
    public async Task ForgetAsync(StoredEndpoint judged)
    {
        using var scope = BeginScope(judged.Id);
        using var held = await LockAsync(judged.Id, CancellationToken.None);
        if (ReferenceEquals(Find(judged.Id), judged))
            await DeleteAsync(judged, maySandboxServe: !Sandbox.HasProcesses(judged));
    }

    /// <summary>The end of an endpoint that is not on record, the state being lost.</summary>
    public Task DeleteUnrecordedAsync(StoredNetwork? network, StoredEndpoint unrecorded) =>
        attacher.TearDownUnrecordedAsync(network, unrecorded);

    /// <summary>The end by hand, for good, whatever its plugins say. Answers what has come of it.</summary>
    public async Task<string> ReleaseAsync(StoredEndpoint endpoint)
    {
        var line = await attacher.ReleaseAsync(endpoint, maySandboxServe: !Sandbox.HasProcesses(endpoint));
        ports.Release(endpoint.Id);
        Records.Remove(endpoint.Id);
        if (endpoint.OpenPorts.Count > 0)
            firewall.Update();
        return line;
    }

    /// <summary>Gives a leased address back.</summary>
    public async Task<StoredEndpoint> ReleaseLeaseAsync(StoredEndpoint endpoint)
    {
        if (!endpoint.IsLeased)
            return endpoint;
        using var deadline = new CancellationTokenSource(LeaseLimit, Clock);
        await leases.ReleaseAsync(endpoint, deadline.Token);
        return endpoint.LeaseInterface is null ? endpoint : SaveBestEffort(endpoint with { LeaseInterface = null });
    }

    protected override void GiveUp(StoredEndpoint intent) => ports.Release(intent.Id);

    // Ports are held as long as rules for them may stand.
    protected override async Task<StoredEndpoint?> KeptAsync(StoredEndpoint record, Exception fault)
    {
        if (await GoesAnywayAsync(record, fault))
            return null;
        if (attacher.MayHavePortRules(record))
            return record;
        ports.Release(record.Id);
        return record with { Ports = [] };
    }

    /// <summary>
    /// After a reboot nothing of it is in the kernel. Where no plugin of its list keeps anything elsewhere, one DEL, for the local files,
    /// is enough.
    /// </summary>
    private async Task<bool> GoesAnywayAsync(StoredEndpoint endpoint, Exception fault)
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

    /// <summary>
    /// Lets endpoints go first that are being torn down and have what this one asks for: a container that is made anew has the address
    /// and the ports of the one before. Waits for so long as that may take; then the ADD says what is in its way.
    /// </summary>
    private async Task AwaitFormerAsync(StoredEndpoint endpoint, IReadOnlyList<PortBinding> published, CancellationToken cancel)
    {
        var addresses = AddressesOf(endpoint);
        var former = Records.All.Where(other =>
            other.IsEnding && other.Id != endpoint.Id && (Shares(other) || other.Ports.Any(IsPublished))).ToList();
        if (former.Count == 0)
            return;
        AwaitsFormer(string.Join(", ", former.Select(other => ShortId.Of(other.Id))));
        await Task.WhenAll(former.Select(other => Task.Run(() => ForgetAsync(other), CancellationToken.None)))
            .WaitAsync(FormerLimit, Clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();

        bool Shares(StoredEndpoint other) =>
            addresses.Count > 0 && other.ListName == endpoint.ListName
                && (AddressesOf(other).Overlaps(addresses) || ResultAddresses(other).Any(addresses.Contains));
        bool IsPublished(PublishedPort port) =>
            published.Any(one => one.HostPort <= port.HostPort && port.HostPort <= Math.Max(one.HostPort, one.HostPortEnd));
    }

    private IEnumerable<IPAddress> ResultAddresses(StoredEndpoint endpoint) =>
        attacher.ResultOf(endpoint)?.Ips.Select(ip => ip.Address.Address) ?? [];

    private static HashSet<IPAddress> AddressesOf(StoredEndpoint endpoint) =>
        [.. endpoint.Addresses.Concat(endpoint.RequestedIps)
            .Select(address => AddressText.TryParse(address.Split('/')[0], out var parsed) ? parsed : null).OfType<IPAddress>()];

    private IReadOnlyList<PortBinding> PortsOfAdd(StoredNetwork network, IReadOnlyList<PortBinding> published)
    {
        if (ListJson.CanChangePorts(network.List))
            return [];
        if (network.List.HasCapability(CapabilityNames.PortMappings))
            return published;
        if (published.Count > 0)
            PortsIgnored(network.ListName);
        return [];
    }

    protected override void NotDeleted(StoredEndpoint record, string reason, double seconds) => NotTornDown(reason, seconds);

    protected override void StillNotDeleted(StoredEndpoint record, string reason, double seconds) => StillNotTornDown(reason, seconds);

    [LoggerMessage(LogLevel.Information, "added {Addresses} {Ports}")]
    private partial void Added(string addresses, string ports);

    [LoggerMessage(LogLevel.Warning, "ports are not published: no plugin of the list {List} asks for the capability portMappings")]
    private partial void PortsIgnored(string list);

    [LoggerMessage(LogLevel.Warning,
        "forgotten after its DEL failed: it was made before the last reboot, and its plugins keep nothing outside this host: {Reason}")]
    private partial void Forgotten(string reason);

    [LoggerMessage(LogLevel.Error, "could not be forgotten: {Reason}")]
    private partial void NotForgotten(string reason);

    [LoggerMessage(LogLevel.Information, "waits for the end of {Former}, of which it has an address or a port")]
    private partial void AwaitsFormer(string former);

    [LoggerMessage(
        LogLevel.Error, "not torn down: {Reason}; next try in {Seconds} s, ever more rarely until it succeeds; 'cnid attachments' has it")]
    private partial void NotTornDown(string reason, double seconds);

    [LoggerMessage(LogLevel.Debug, "still not torn down: {Reason}; next try in {Seconds} s")]
    private partial void StillNotTornDown(string reason, double seconds);
}
