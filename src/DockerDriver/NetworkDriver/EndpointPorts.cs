using System.Net;
using System.Text.Json;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Firewall;
using DockerDriver.HostPorts;
using DockerDriver.Lists;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Published ports follow the container's gateway: libnetwork names the endpoint that carries them, and the one that does so no more,
/// whichever drivers they are of, from 20.10 on (libnetwork/endpoint.go, sbJoin and sbLeave). So a container on several networks has each
/// port once. From 28 on each family has a gateway: libnetwork names both endpoints, and which is whose is seen in the sandbox's routes.
/// </summary>
internal sealed partial class EndpointPorts(
    NetworkLookup networks,
    EndpointLifecycle lifecycle,
    Attacher attacher,
    PortReservations ports,
    NetworkFirewall firewall,
    Settings settings,
    TimeProvider clock,
    ILogger<EndpointPorts> log)
{
    /// <summary>
    /// ProgramExternalConnectivity: the endpoint is the gateway from now on, of one family or of both. Comes again when that changes.
    /// </summary>
    /// <exception cref="RefusedException">A port is taken: the container does not start.</exception>
    public async Task ProgramAsync(ExternalConnectivity call, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, cancel);
        if (lifecycle.Find(call.EndpointId) is not { Phase: EndpointPhase.Joined } endpoint)
            return;
        var network = networks.Get(endpoint.NetworkId);
        if (EndpointOptions.Ports(call.Options, network.HostBinding) is { Count: > 0 } published && ListJson.CanChangePorts(network.List))
            await PublishAsync(network, Made(endpoint), published, EndpointOptions.MayProxy(call.Options), cancel);
    }

    /// <summary>
    /// What carries its ports in one family takes the other one too, where the network that had it has gone: Docker 29 does not say so.
    /// </summary>
    public async Task TakeOtherFamilyAsync(string id, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, cancel);
        if (lifecycle.Find(id) is not { Phase: EndpointPhase.Joined } endpoint || endpoint.RequestedPorts is null
            || !endpoint.Ports.Any(port => port.HostIp is PublishablePorts.AllV4 or PublishablePorts.AllV6))
            return;
        try
        {
            await PublishAsync(
                networks.Get(endpoint.NetworkId), Made(endpoint), EndpointOptions.PortsOf(endpoint.RequestedPorts), mayProxy: true, cancel);
        }
        catch (Exception fault) when (fault is RefusedException or CniException)
        {
            NotInBothFamilies(fault.Message);
        }
    }

    /// <summary>
    /// RevokeExternalConnectivity: another endpoint is the gateway, or none. Where the container has ended, Leave does it with the rest.
    /// </summary>
    public async Task RevokeAsync(EndpointCall call)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, CancellationToken.None);
        if (lifecycle.Find(call.EndpointId) is not { Phase: EndpointPhase.Joined } endpoint
            || networks.Find(endpoint.NetworkId) is not { } network
            || endpoint is { Ports.Count: 0, OpenPorts.Count: 0 })
            return;
        if (!ListJson.CanChangePorts(network.List) || (Sandbox.Exists(endpoint) && !Sandbox.HasProcesses(endpoint)))
            return;
        using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
        await WithdrawAsync(endpoint, deadline.Token);
    }

    /// <summary>The IPv4 address to which what comes to its ports over IPv6 is proxied; null where there is none to proxy.</summary>
    public IPAddress? ProxiedTo(StoredEndpoint endpoint) =>
        endpoint.Ports.Count > 0 && lifecycle.ResultOf(endpoint) is { } result && networks.Find(endpoint.NetworkId) is { } network
            ? PublishablePorts.ProxiedTo(result, network.List, network.Bridge)
            : null;

    /// <summary>
    /// Publishes the ports of an endpoint that Docker will not name: a list without a default route is never the gateway; up to v27
    /// neither one with IPv6 alone. What fails is undone.
    /// </summary>
    public async Task<AddedEndpoint> PublishUnnamedAsync(
        StoredNetwork network, AddedEndpoint made, IReadOnlyDictionary<string, JsonElement>? options, CancellationToken cancel)
    {
        if (made.Endpoint is not { Ports.Count: 0, OpenPorts.Count: 0 }
            || EndpointOptions.Ports(options, network.HostBinding) is not { Count: > 0 } published
            || !ListJson.CanChangePorts(network.List)
            || JoinAnswer.MayBeGateway(made.Result)
            || (JoinAnswer.MayBeGatewayIPv6(made.Result) && Sandbox.Exists(made.Endpoint)))
            return made;
        try
        {
            return made with { Endpoint = await PublishAsync(network, made, published, mayProxy: true, cancel) };
        }
        catch (Exception fault)
        {
            await lifecycle.UndoAsync(made.Endpoint, fault);
            throw;
        }
    }

    private async Task<StoredEndpoint> PublishAsync(
        StoredNetwork network, AddedEndpoint made, IReadOnlyList<PortBinding> published, bool mayProxy, CancellationToken cancel)
    {
        var (endpoint, result) = made;
        var others = Sandbox.FamiliesOfOthers(endpoint);
        var carried = PublishablePorts.Of(result, published, mayProxy && PublishablePorts.MayProxy(network.List), others, network.Bridge);
        var open = PublishablePorts.Open(result, published, others, network.Bridge);
        if (endpoint is not { Ports.Count: 0, OpenPorts.Count: 0 })
        {
            if (ports.Suffices(endpoint.Id, endpoint.SandboxKey, carried) && open.SequenceEqual(endpoint.OpenPorts))
                return endpoint;
            endpoint = await WithdrawAsync(endpoint, cancel);
        }
        if (carried.Count < published.Count && open.Count == 0)
            OtherFamily(published.Count - carried.Count, published.Count);
        var before = endpoint;
        endpoint = endpoint with { RequestedPorts = EndpointOptions.Kept(published),
            Ports = ports.Take(endpoint.Id, endpoint.SandboxKey, carried), OpenPorts = open };
        if (endpoint is { Ports.Count: 0, OpenPorts.Count: 0 })
            return before;
        try
        {
            endpoint = lifecycle.Save(endpoint);
            if (open.Count > 0)
                firewall.Update();
            if (endpoint.Ports.Count > 0)
                await attacher.PublishAsync(endpoint, cancel);
        }
        catch
        {
            if (!attacher.MayBePublished(endpoint)) // else their rules may stand: they stay held until DEL has succeeded
            {
                ports.Release(endpoint.Id);
                lifecycle.SaveBestEffort(before);
                Close(endpoint);
            }
            throw;
        }
        if (PublishablePorts.ProxiedTo(result, network.List, network.Bridge) is { } container)
            ports.Serve(endpoint.Id, container);
        Published(TextOf(endpoint));
        return endpoint;
    }

    private async Task<StoredEndpoint> WithdrawAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        if (endpoint.Ports.Count > 0)
            await attacher.PublishAsync(endpoint with { Ports = [] }, cancel);
        Withdrawn(TextOf(endpoint));
        var before = endpoint;
        endpoint = lifecycle.SaveBestEffort(endpoint with { Ports = [], OpenPorts = [] });
        ports.Release(endpoint.Id);
        Close(before);
        return endpoint;
    }

    private AddedEndpoint Made(StoredEndpoint endpoint) =>
        new(endpoint, lifecycle.ResultOf(endpoint) ?? throw new InvalidOperationException("an endpoint has joined without a result"));

    // It is stored without its open ports, or not any more.
    private void Close(StoredEndpoint endpoint)
    {
        if (endpoint.OpenPorts.Count > 0)
            firewall.Update();
    }

    private static string TextOf(StoredEndpoint endpoint) =>
        string.Join(", ", endpoint.OpenPorts.Select(port => $"{port}").Prepend(PortRanges.Text(endpoint.Ports))
            .Where(text => text.Length > 0));

    [LoggerMessage(LogLevel.Information, "published {Ports}")]
    private partial void Published(string ports);

    [LoggerMessage(LogLevel.Information, "published no more {Ports}: the container has another gateway, or none")]
    private partial void Withdrawn(string ports);

    [LoggerMessage(LogLevel.Warning,
        "{Count} of {All} published ports are for host addresses of a family in which nothing leads to this container over this network")]
    private partial void OtherFamily(int count, int all);

    [LoggerMessage(LogLevel.Error, "the ports are published in one family only: {Reason}")]
    private partial void NotInBothFamilies(string reason);
}
