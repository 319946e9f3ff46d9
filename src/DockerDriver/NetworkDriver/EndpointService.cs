using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// The lifecycle of an endpoint, as libnetwork tells it: CreateEndpoint, Join, Leave, DeleteEndpoint. Each may come twice, out of order,
/// or for an endpoint nobody knows: the last two then have nothing to do, and Docker never comes back for what they failed at.
/// </summary>
internal sealed partial class EndpointService(
    NetworkLookup networks,
    EndpointIntents intents,
    EndpointLifecycle lifecycle,
    EndpointPorts ports,
    EndpointReplay replay,
    EndpointCountWorkaround count,
    ILogger<EndpointService> log)
{
    /// <summary>
    /// Docker's IPAM has chosen: stores the intent and answers a MAC at once, since Docker makes its other endpoints of this network wait.
    /// The list chooses, or a failure must be told now (<see cref="StoredNetwork.AddsEarly"/>): runs ADD.
    /// </summary>
    public async Task<EndpointCreated> CreateAsync(CreateEndpoint call, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        _ = ContainerId.Parse(call.EndpointId);
        var network = networks.Get(call.NetworkId);
        using var held = await lifecycle.LockAsync(call.EndpointId, cancel);

        if (lifecycle.Find(call.EndpointId) is { } known)
            return Answer(call, RefuseLeaving(known), lifecycle.ResultOf(known));

        var endpoint = intents.Of(call, network);
        CniResult? result = null;
        if (network.AddsEarly)
            (endpoint, result) = await lifecycle.AddAsync(
                network, endpoint, "", EndpointOptions.Ports(call.Options, network.HostBinding), cancel);
        else
            lifecycle.Save(endpoint);
        await count.ArriveAsync(network.Id, endpoint.Id);
        return Answer(call, endpoint, result);
    }

    /// <summary>Runs ADD if it has not run, and hands the interface over.</summary>
    public async Task<Joined> JoinAsync(Join call, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, cancel);
        count.Arrived(call.EndpointId);
        var endpoint = RefuseLeaving(lifecycle.Find(call.EndpointId)
            ?? throw new RefusedException(
                $"the endpoint {ShortId.Of(call.EndpointId)} is not known to cnid: Docker has not announced it, or it was removed"));
        var network = networks.Get(call.NetworkId);
        var sandbox = call.SandboxKey ?? "";

        var made = endpoint.Phase == EndpointPhase.Announced
            ? await lifecycle.AddAsync(network, endpoint, sandbox, EndpointOptions.Ports(call.Options, network.HostBinding), cancel)
            : await lifecycle.ResumeAsync(endpoint);
        if (made.Endpoint.Phase == EndpointPhase.Held)
        {
            made = made with { Endpoint = made.Endpoint with { SandboxKey = sandbox } };
            made = await ports.PublishUnnamedAsync(network, made, call.Options, cancel);
            made = made with { Endpoint = await lifecycle.HandOverAsync(made) };
            replay.Follow(made);
        }
        return JoinAnswer.For(made.Endpoint, made.Result, network.InterfacePrefix);
    }

    /// <summary>The container leaves. Where its sandbox goes with it, DEL runs here: nothing need be moved for it.</summary>
    public async Task LeaveAsync(EndpointCall call)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, CancellationToken.None);
        if (lifecycle.Find(call.EndpointId) is not { } endpoint)
            return;
        count.Leaves(endpoint.Id, endpoint.SandboxKey);
        if (!Sandbox.HasProcesses(endpoint))
        {
            await lifecycle.DeleteAsync(endpoint, maySandboxServe: true);
            return;
        }
        if (endpoint.Phase is EndpointPhase.Left or EndpointPhase.Leaving)
            return; // told before
        endpoint = lifecycle.SaveBestEffort(endpoint with { Phase = EndpointPhase.Left });
        replay.Withdraw(endpoint);
        await lifecycle.ReleaseLeaseAsync(endpoint);
    }

    /// <summary>The endpoint ends: what Leave did not finish.</summary>
    public async Task DeleteAsync(EndpointCall call)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, CancellationToken.None);
        if (lifecycle.Find(call.EndpointId) is { } endpoint)
            await lifecycle.DeleteAsync(endpoint, maySandboxServe: !Sandbox.HasProcesses(endpoint));
        else
            await lifecycle.DeleteUnrecordedAsync(
                networks.Find(call.NetworkId), new() { Id = call.EndpointId, NetworkId = call.NetworkId, ListName = "" });
        await count.DepartAsync(call.NetworkId, call.EndpointId);
    }

    /// <summary>EndpointOperInfo: comes for every endpoint of a container, again and again; Docker reads nothing of the answer.</summary>
    public async Task<OperationalInfo> DescribeAsync(EndpointCall call, CancellationToken cancel)
    {
        await replay.SettleAsync(call.EndpointId, cancel);
        await ports.TakeOtherFamilyAsync(call.EndpointId, cancel);
        return new(new Dictionary<string, System.Text.Json.JsonElement>());
    }

    /// <summary>ProgramExternalConnectivity.</summary>
    /// <exception cref="RefusedException">A port is taken, or something could not be carried over: the container does not
    /// start.</exception>
    public async Task ProgramAsync(ExternalConnectivity call, CancellationToken cancel)
    {
        await replay.SettleAsync(call.EndpointId, cancel);
        await ports.ProgramAsync(call, cancel);
    }

    /// <summary>RevokeExternalConnectivity.</summary>
    public Task RevokeAsync(EndpointCall call) => ports.RevokeAsync(call);

    /// <summary>
    /// Ends an endpoint by hand, for good, whatever its plugins say. Answers what has come of it; null where there is none.
    /// </summary>
    public async Task<IReadOnlyList<string>?> ReleaseAsync(string id)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, CancellationToken.None);
        if (lifecycle.Find(id) is not { } endpoint)
            return null;
        var line = await lifecycle.ReleaseAsync(endpoint);
        await count.DepartAsync(endpoint.NetworkId, id);
        ReleasedByHand(line);
        return [line];
    }

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

    // A field that came filled must stay empty: libnetwork takes anything else for a change, and refuses it. It sets the MAC that it hears.
    private static EndpointCreated Answer(CreateEndpoint call, StoredEndpoint endpoint, CniResult? result)
    {
        var chosen = endpoint.Addresses.Count == 0 ? result?.Ips ?? [] : [];
        return new(new(
            AddressOf(chosen, AddressFamily.InterNetwork),
            AddressOf(chosen, AddressFamily.InterNetworkV6),
            string.IsNullOrEmpty(call.Interface?.MacAddress) && !Mac.IsShared(endpoint.Link?.Kind) ? endpoint.Mac : ""));
    }

    private static string AddressOf(IReadOnlyList<CniAddress> chosen, AddressFamily family) =>
        chosen.FirstOrDefault(ip => ip.Address.Address.AddressFamily == family)?.Address.ToString() ?? "";

    [LoggerMessage(LogLevel.Warning, "by hand: {Line}")]
    private partial void ReleasedByHand(string line);
}
