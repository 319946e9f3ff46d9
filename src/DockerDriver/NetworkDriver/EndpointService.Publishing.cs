using System.Net;
using System.Text.Json;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.HostPorts;
using DockerDriver.Lists;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Published ports follow the container's gateway: libnetwork names the endpoint that carries them, and the one that does so no more,
/// whichever drivers they are of, from 20.10 on (libnetwork/endpoint.go, sbJoin and sbLeave). So a container on several networks has each
/// port once. From 28 on each family has a gateway: libnetwork names both endpoints, and which is whose is seen in the sandbox's routes.
/// </summary>
internal sealed partial class EndpointService
{
    /// <summary>
    /// ProgramExternalConnectivity: the endpoint is the gateway from now on, of one family or of both. Comes again when that changes.
    /// </summary>
    /// <exception cref="RefusedException">A port is taken, or something could not be carried over: the container does not
    /// start.</exception>
    public async Task ProgramAsync(ExternalConnectivity call, CancellationToken cancel)
    {
        await SettleAsync(call.EndpointId, cancel);
        using var scope = BeginAttachment(call.EndpointId);
        using var held = await locks.TakeAsync(call.EndpointId, cancel);
        if (endpoints.Find(call.EndpointId) is not { Phase: EndpointPhase.Joined } endpoint)
            return;
        var network = Network(endpoint.NetworkId);
        if (EndpointOptions.Ports(call.Options, network.HostBinding) is { Count: > 0 } published && ListJson.PublishesApart(network.List))
            await PublishAsync(network, endpoint, published, EndpointOptions.MayProxy(call.Options), cancel);
    }

    /// <summary>
    /// What carries its ports in one family takes the other one too, where the network that had it has gone: Docker 29 does not say so.
    /// </summary>
    private async Task TakeOtherFamilyAsync(string id, CancellationToken cancel)
    {
        using var scope = BeginAttachment(id);
        using var held = await locks.TakeAsync(id, cancel);
        if (endpoints.Find(id) is not { Phase: EndpointPhase.Joined } endpoint || endpoint.Asked is null
            || !endpoint.Ports.Any(port => port.HostIp is CarriedPorts.AllV4 or CarriedPorts.AllV6))
            return;
        try
        {
            await PublishAsync(Network(endpoint.NetworkId), endpoint, EndpointOptions.PortsOf(endpoint.Asked), mayProxy: true, cancel);
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
        using var scope = BeginAttachment(call.EndpointId);
        using var held = await locks.TakeAsync(call.EndpointId, CancellationToken.None);
        if (endpoints.Find(call.EndpointId) is not { Phase: EndpointPhase.Joined } endpoint
            || networks.Find(endpoint.NetworkId) is not { } network
            || endpoint is { Ports.Count: 0, OpenPorts.Count: 0 })
            return;
        if (!ListJson.PublishesApart(network.List) || (Sandbox.Exists(endpoint) && !Sandbox.IsInhabited(endpoint)))
            return;
        using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
        await WithdrawAsync(endpoint, deadline.Token);
    }

    /// <summary>The IPv4 address to which what comes to its ports over IPv6 is proxied; null where there is none to proxy.</summary>
    public IPAddress? ProxiedTo(StoredEndpoint endpoint) =>
        endpoint.Ports.Count > 0 && attacher.ResultOf(endpoint) is { } result && networks.Find(endpoint.NetworkId) is { } network
            ? CarriedPorts.ProxiedTo(result, network.List, network.Bridge)
            : null;

    // A list without a default route is never the gateway, and Docker never names it; up to v27 neither one with IPv6 alone.
    private async Task<StoredEndpoint> PublishUnnamedAsync(
        StoredNetwork network, StoredEndpoint endpoint, IReadOnlyDictionary<string, JsonElement>? options, CancellationToken cancel)
    {
        if (endpoint is not { Ports.Count: 0, OpenPorts.Count: 0 }
            || EndpointOptions.Ports(options, network.HostBinding) is not { Count: > 0 } published
            || !ListJson.PublishesApart(network.List))
            return endpoint;
        var result = attacher.ResultOf(endpoint)!;
        if (JoinAnswer.MayBeGateway(result) || (JoinAnswer.MayBeGatewayIPv6(result) && Sandbox.Exists(endpoint)))
            return endpoint;
        try
        {
            return await PublishAsync(network, endpoint, published, mayProxy: true, cancel);
        }
        catch (Exception fault)
        {
            await UndoAsync(endpoint, fault);
            throw;
        }
    }

    private async Task<StoredEndpoint> PublishAsync(
        StoredNetwork network, StoredEndpoint endpoint, IReadOnlyList<PortBinding> published, bool mayProxy, CancellationToken cancel)
    {
        var result = attacher.ResultOf(endpoint) ?? throw new InvalidOperationException("an endpoint has joined without a result");
        var others = Sandbox.FamiliesOfOthers(endpoint);
        var carried = CarriedPorts.Of(result, published, mayProxy && CarriedPorts.MayProxy(network.List), others, network.Bridge);
        var open = CarriedPorts.Open(result, published, others, network.Bridge);
        if (endpoint is not { Ports.Count: 0, OpenPorts.Count: 0 })
        {
            if (ports.Suffices(endpoint.Id, endpoint.SandboxKey, carried) && open.SequenceEqual(endpoint.OpenPorts))
                return endpoint;
            endpoint = await WithdrawAsync(endpoint, cancel);
        }
        if (carried.Count < published.Count && open.Count == 0)
            OtherFamily(published.Count - carried.Count, published.Count);
        var before = endpoint;
        endpoint = endpoint with { Asked = EndpointOptions.Kept(published),
            Ports = ports.Take(endpoint.Id, endpoint.SandboxKey, carried), OpenPorts = open };
        if (endpoint is { Ports.Count: 0, OpenPorts.Count: 0 })
            return before;
        try
        {
            Save(endpoint);
            if (open.Count > 0)
                bridges.Update();
            if (endpoint.Ports.Count > 0)
                await attacher.PublishAsync(endpoint, cancel);
        }
        catch
        {
            if (!attacher.MayBePublished(endpoint)) // else their rules may stand: they stay held until DEL has succeeded
            {
                ports.Release(endpoint.Id);
                Note(before);
                Close(endpoint);
            }
            throw;
        }
        if (CarriedPorts.ProxiedTo(result, network.List, network.Bridge) is { } container)
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
        Note(endpoint = endpoint with { Ports = [], OpenPorts = [] });
        ports.Release(endpoint.Id);
        Close(before);
        return endpoint;
    }

    // It is stored without its open ports, or not any more.
    private void Close(StoredEndpoint endpoint)
    {
        if (endpoint.OpenPorts.Count > 0)
            bridges.Update();
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
