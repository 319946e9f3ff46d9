using System.Net;
using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Dhcp;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Firewall;
using DockerDriver.HostPorts;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;
using DockerDriver.Sandboxes.Replay;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// The life of an endpoint, as libnetwork tells it: CreateEndpoint, Join, Leave, DeleteEndpoint. Each may come twice, out of order,
/// or for an endpoint nobody knows: the last two then have nothing to do, and Docker never comes back for what they failed at.
/// </summary>
internal sealed partial class EndpointService(
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    UnknownNetworks unknown,
    Attacher attacher,
    Bridges bridges,
    Carrier carrier,
    ReservedAddresses reserved,
    SandboxWatch watch,
    Settings settings,
    LeaseService leases,
    PortReservations ports,
    KeyedLocks locks,
    EngineVersion engine,
    EndpointCount count,
    Boot boot,
    TimeProvider clock,
    ILogger<EndpointService> log)
{
    /// <summary>
    /// Docker's IPAM has chosen: stores the intent and answers a MAC at once, since Docker makes its other endpoints of this network wait.
    /// The list chooses, or a failure must be told now (<see cref="StoredNetwork.AddsEarly"/>): runs ADD.
    /// </summary>
    public async Task<EndpointCreated> CreateAsync(CreateEndpoint call, CancellationToken cancel)
    {
        using var scope = BeginAttachment(call.EndpointId);
        _ = ContainerId.Parse(call.EndpointId);
        var network = Network(call.NetworkId);
        using var held = await locks.TakeAsync(call.EndpointId, cancel);

        if (endpoints.Find(call.EndpointId) is { } known)
            return Answer(call, RefuseLeaving(known));

        var options = EndpointOptions.From(call.Options, network.ParseList().Plugins.SelectMany(plugin => plugin.Capabilities).ToHashSet());
        if (!network.ListChooses && options.Ips.Count > 0)
            throw new RefusedException($"driver option '{EndpointOptions.IpsKey}' is for networks whose list chooses (--ipam-driver "
                + "null); on this one ask for an address with --ip");
        IReadOnlyList<string> addresses = [
            .. new[] { call.Interface?.Address, call.Interface?.AddressIPv6 }.OfType<string>().Where(address => address.Length > 0)];
        var endpoint = new StoredEndpoint
        {
            Id = call.EndpointId,
            NetworkId = network.Id,
            ListName = network.ListName,
            Addresses = addresses,
            Mac = call.Interface?.MacAddress is { Length: > 0 } mac ? mac : network.ListChooses ? "" : Mac.For(FirstOf(addresses)),
            IsLeased = DhcpConfig.IsLeased(network.List),
            Ipam = network.Pools.Count > 0 ? reserved.Section(network, addresses) : null,
            ContainerName = network.Pools.Count > 0 ? reserved.ContainerOf(network, addresses) : "",
            Wished = options.Ips,
            InterfaceName = options.InterfaceName,
            Remark = engine.WhyUnheard(call.Options?.Keys ?? []),
            Args = options.Args,
            Sysctls = EndpointOptions.Sysctls(call.Options),
            Capabilities = options.Capabilities,
        };
        if (endpoint.Remark is { } remark)
            Unheard(remark);
        if (network.AddsEarly)
            endpoint = await AddAsync(network, endpoint, "", EndpointOptions.Ports(call.Options, network.HostBinding), cancel);
        else
            Save(endpoint);
        await count.ArriveAsync(network.Id, endpoint.Id);
        return Answer(call, endpoint);
    }

    /// <summary>Runs ADD if it has not run, and hands the interface over.</summary>
    public async Task<Joined> JoinAsync(Join call, CancellationToken cancel)
    {
        using var scope = BeginAttachment(call.EndpointId);
        using var held = await locks.TakeAsync(call.EndpointId, cancel);
        count.Arrived(call.EndpointId);
        var endpoint = endpoints.Find(call.EndpointId)
            ?? throw new RefusedException(
                $"the endpoint {ShortId.Of(call.EndpointId)} is not known to cnid: Docker has not announced it, or it was removed");
        var network = Network(call.NetworkId);

        if (RefuseLeaving(endpoint).Phase == EndpointPhase.Announced)
            endpoint = await AddAsync(network, endpoint, call.SandboxKey
                ?? "", EndpointOptions.Ports(call.Options, network.HostBinding), cancel);
        if (endpoint.Phase == EndpointPhase.Held)
        {
            endpoint = await PublishUnnamedAsync(network, endpoint with { SandboxKey = call.SandboxKey ?? "" }, call.Options, cancel);
            endpoint = await HandOverAsync(endpoint);
            if (!Sandbox.Exists(endpoint) && (Carrier.HasWork(endpoint, attacher.ResultOf(endpoint)) || LeaseService.IsDue(endpoint)))
                watch.Follow(endpoint, isLast => CarryOverAsync(endpoint.Id, isLast));
        }
        return JoinAnswer.For(endpoint, attacher.ResultOf(endpoint)
            ?? throw new InvalidOperationException("an endpoint has joined without a result"), network.InterfacePrefix);
    }

    /// <summary>The container leaves. Where its sandbox goes with it, DEL runs here: nothing need be moved for it.</summary>
    public async Task LeaveAsync(EndpointCall call)
    {
        using var scope = BeginAttachment(call.EndpointId);
        using var held = await locks.TakeAsync(call.EndpointId, CancellationToken.None);
        if (endpoints.Find(call.EndpointId) is not { } endpoint)
            return;
        count.Leaves(endpoint.Id, endpoint.SandboxKey);
        if (!Sandbox.IsInhabited(endpoint))
        {
            await UnmakeAsync(endpoint, maySandboxServe: true);
            return;
        }
        if (endpoint.Phase is EndpointPhase.Left or EndpointPhase.Leaving)
            return; // told before
        Note(endpoint = endpoint with { Phase = EndpointPhase.Left });
        Carrier.Withdraw(endpoint, attacher.ResultOf(endpoint));
        await GiveLeaseBackAsync(endpoint);
    }

    /// <summary>The endpoint ends: what Leave did not finish.</summary>
    public async Task DeleteAsync(EndpointCall call)
    {
        using var scope = BeginAttachment(call.EndpointId);
        using var held = await locks.TakeAsync(call.EndpointId, CancellationToken.None);
        if (endpoints.Find(call.EndpointId) is { } endpoint)
            await UnmakeAsync(endpoint, maySandboxServe: !Sandbox.IsInhabited(endpoint));
        else
            await attacher.UnmakeUnrecordedAsync(
                networks.Find(call.NetworkId), new() { Id = call.EndpointId, NetworkId = call.NetworkId, ListName = "" });
        await count.DepartAsync(call.NetworkId, call.EndpointId);
    }

    /// <summary>The same, for one that Docker will not mention again; unless a call has changed it since it was judged.</summary>
    public async Task ForgetAsync(StoredEndpoint judged)
    {
        using var scope = BeginAttachment(judged.Id);
        using var held = await locks.TakeAsync(judged.Id, CancellationToken.None);
        if (ReferenceEquals(endpoints.Find(judged.Id), judged))
            await UnmakeAsync(judged, maySandboxServe: !Sandbox.IsInhabited(judged));
    }

    // Names it on every line; by its container's name too, where that is known.
    private IDisposable? BeginAttachment(string id) => log.BeginAttachment(id, endpoints.Find(id)?.ContainerName ?? "");

    private static StoredEndpoint RefuseLeaving(StoredEndpoint endpoint) => endpoint.Phase switch
    {
        EndpointPhase.Left =>
            throw new RefusedException(
                $"the endpoint {ShortId.Of(endpoint.Id)} has left its container, and Docker has not removed it: connect the network again"),
        EndpointPhase.Leaving =>
            throw new RefusedException(
                $"the endpoint {ShortId.Of(endpoint.Id)} is being removed: {endpoint.Fault ?? "its DEL is under way"}"),
        _ => endpoint,
    };

    private void Save(StoredEndpoint endpoint) => endpoints.Save(endpoint with { ChangedAt = clock.GetUtcNow(), Boot = boot.Id });

    // Of what goes: it stays what the boot in which it was made has left.
    private void Note(StoredEndpoint endpoint) => endpoints.Note(endpoint with { ChangedAt = clock.GetUtcNow() });

    private StoredNetwork Network(string id) => networks.Find(id)
        ?? throw unknown.Refusal(id);

    // A field that came filled must stay empty: libnetwork takes anything else for a change and refuses it.
    private EndpointCreated Answer(CreateEndpoint call, StoredEndpoint endpoint)
    {
        var chosen = endpoint.Addresses.Count == 0 ? attacher.ResultOf(endpoint)?.Ips ?? [] : [];
        return new(new(
            AddressOf(chosen, AddressFamily.InterNetwork),
            AddressOf(chosen, AddressFamily.InterNetworkV6),
            string.IsNullOrEmpty(call.Interface?.MacAddress) ? endpoint.Mac : ""));
    }

    [LoggerMessage(LogLevel.Warning, "{Remark}")]
    private partial void Unheard(string remark);

    private static string AddressOf(IReadOnlyList<CniAddress> chosen, AddressFamily family) =>
        chosen.FirstOrDefault(ip => ip.Address.Address.AddressFamily == family)?.Address.ToString() ?? "";

    private static IPAddress? FirstOf(IReadOnlyList<string> addresses) =>
        addresses.Count == 0 ? null : CidrAddress.Parse(addresses[0]).Address;
}
