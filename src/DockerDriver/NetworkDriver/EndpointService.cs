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
/// CreateEndpoint, Join, Leave and DeleteEndpoint. Each may come twice, out of order, or for an unknown endpoint. Docker does not repeat a
/// failed Leave or DeleteEndpoint.
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
    /// CreateEndpoint. Stores the intent and returns a MAC at once, since Docker serializes the endpoints of a network. Runs ADD where it
    /// must run here (<see cref="StoredNetwork.AddsInCreateEndpoint"/>).
    /// </summary>
    public async Task<CreateEndpointResponse> CreateAsync(CreateEndpointRequest call, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        _ = ContainerId.Parse(call.EndpointId);
        var network = networks.Get(call.NetworkId);
        using var held = await lifecycle.LockAsync(call.EndpointId, cancel);

        if (lifecycle.Find(call.EndpointId) is { } known)
            return Answer(call, RefuseLeaving(known), lifecycle.ResultOf(known));

        var endpoint = intents.Of(call, network);
        CniResult? result = null;
        if (network.AddsInCreateEndpoint)
            (endpoint, result) = await lifecycle.AddAsync(
                network, endpoint, "", EndpointOptions.Ports(call.Options, network.HostBinding), cancel);
        else
            lifecycle.Save(endpoint);
        await count.WaitToAnswerCreateAsync(network.Id, endpoint.Id);
        return Answer(call, endpoint, result);
    }

    /// <summary>Join. Runs ADD unless it has run, and hands the interface over.</summary>
    public async Task<JoinResponse> JoinAsync(JoinRequest call, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, cancel);
        count.CreateCounted(call.EndpointId);
        var endpoint = RefuseLeaving(lifecycle.Find(call.EndpointId)
            ?? throw new RefusedException(
                $"the endpoint {ShortId.Of(call.EndpointId)} is unknown to cnid: Docker has not created it, or it was removed"));
        var network = networks.Get(call.NetworkId);
        var sandbox = call.SandboxKey ?? "";

        var added = endpoint.Phase == EndpointPhase.Announced
            ? await lifecycle.AddAsync(network, endpoint, sandbox, EndpointOptions.Ports(call.Options, network.HostBinding), cancel)
            : await lifecycle.ResumeAsync(endpoint);
        if (added.Endpoint.Phase == EndpointPhase.Held)
        {
            added = added with { Endpoint = added.Endpoint with { SandboxKey = sandbox } };
            added = await ports.PublishWithoutGatewayAsync(network, added, call.Options, cancel);
            added = added with { Endpoint = await lifecycle.HandOverAsync(added) };
            replay.Follow(added);
        }
        return JoinAnswer.For(added.Endpoint, added.Result, network.InterfacePrefix);
    }

    /// <summary>Leave. If the sandbox is about to be destroyed, runs DEL in it: the interface need not be moved.</summary>
    public async Task LeaveAsync(EndpointRequest call)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, CancellationToken.None);
        if (lifecycle.Find(call.EndpointId) is not { } endpoint)
            return;
        count.MarkLeaving(endpoint.Id, endpoint.SandboxKey);
        if (!Sandbox.HasProcesses(endpoint))
        {
            await lifecycle.DeleteAsync(endpoint, mayDeleteInSandbox: true);
            return;
        }
        if (endpoint.Phase is EndpointPhase.Left or EndpointPhase.Leaving)
            return; // repeated call
        endpoint = lifecycle.SaveBestEffort(endpoint with { Phase = EndpointPhase.Left });
        replay.RemoveReplayed(endpoint);
        await lifecycle.ReleaseLeaseAsync(endpoint);
    }

    /// <summary>DeleteEndpoint. Runs DEL unless Leave has.</summary>
    public async Task DeleteAsync(EndpointRequest call)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, CancellationToken.None);
        if (lifecycle.Find(call.EndpointId) is { } endpoint)
            await lifecycle.DeleteAsync(endpoint, mayDeleteInSandbox: !Sandbox.HasProcesses(endpoint));
        else
            await lifecycle.DeleteUnrecordedAsync(
                networks.Find(call.NetworkId), new() { Id = call.EndpointId, NetworkId = call.NetworkId, ListName = "" });
        await count.WaitToAnswerDeleteAsync(call.NetworkId, call.EndpointId);
    }

    /// <summary>EndpointOperInfo. Comes repeatedly for every endpoint of a container; Docker ignores the answer.</summary>
    public async Task<EndpointInfoResponse> DescribeAsync(EndpointRequest call, CancellationToken cancel)
    {
        await replay.ReplayAsync(call.EndpointId, cancel);
        await ports.PublishOtherFamilyAsync(call.EndpointId, cancel);
        return new(new Dictionary<string, System.Text.Json.JsonElement>());
    }

    /// <summary>ProgramExternalConnectivity.</summary>
    /// <exception cref="RefusedException">A port is in use, or the replay was incomplete: the container does not start.</exception>
    public async Task ProgramAsync(ProgramExternalConnectivityRequest call, CancellationToken cancel)
    {
        await replay.ReplayAsync(call.EndpointId, cancel);
        await ports.ProgramAsync(call, cancel);
    }

    /// <summary>RevokeExternalConnectivity.</summary>
    public Task RevokeAsync(EndpointRequest call) => ports.RevokeAsync(call);

    /// <summary>
    /// Tears an endpoint down manually, even if its plugins fail. Returns messages for the user; null where there is no such endpoint.
    /// </summary>
    public async Task<IReadOnlyList<string>?> ReleaseAsync(string id)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, CancellationToken.None);
        if (lifecycle.Find(id) is not { } endpoint)
            return null;
        var line = await lifecycle.ReleaseAsync(endpoint);
        await count.WaitToAnswerDeleteAsync(endpoint.NetworkId, id);
        ReleasedManually(line);
        return [line];
    }

    private static StoredEndpoint RefuseLeaving(StoredEndpoint endpoint) => endpoint.Phase switch
    {
        EndpointPhase.Left =>
            throw new RefusedException(
                $"the endpoint {ShortId.Of(endpoint.Id)} has left its container: connect the network again"),
        EndpointPhase.Leaving =>
            throw new RefusedException(
                $"the endpoint {ShortId.Of(endpoint.Id)} is being removed: {endpoint.Fault ?? "its DEL is running"}"),
        _ => endpoint,
    };

    // A field that came filled must stay empty: libnetwork takes any value for a change, and refuses it. It sets the MAC that is returned.
    private static CreateEndpointResponse Answer(CreateEndpointRequest call, StoredEndpoint endpoint, CniResult? result)
    {
        var chosen = endpoint.Addresses.Count == 0 ? result?.Ips ?? [] : [];
        return new(new(
            AddressOf(chosen, AddressFamily.InterNetwork),
            AddressOf(chosen, AddressFamily.InterNetworkV6),
            string.IsNullOrEmpty(call.Interface?.MacAddress) && !Mac.IsShared(endpoint.Link?.Kind) ? endpoint.Mac : ""));
    }

    private static string AddressOf(IReadOnlyList<CniAddress> chosen, AddressFamily family) =>
        chosen.FirstOrDefault(ip => ip.Address.Address.AddressFamily == family)?.Address.ToString() ?? "";

    [LoggerMessage(LogLevel.Warning, "released manually: {Line}")]
    private partial void ReleasedManually(string line);
}
