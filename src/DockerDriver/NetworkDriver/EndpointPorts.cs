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
/// Publishes ports on the container's gateway endpoint: libnetwork tells which endpoint carries them and which no longer does, for all
/// drivers, since 20.10 (libnetwork/endpoint.go, sbJoin and sbLeave). So a container on several networks publishes each port once. Since 28
/// each family has a gateway: libnetwork tells both endpoints, and the sandbox's routes show which is whose.
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
    /// <summary>ProgramExternalConnectivity: the endpoint is now the gateway of one family or both. Repeated when that changes.</summary>
    /// <exception cref="RefusedException">A port is in use: the container does not start.</exception>
    public async Task ProgramAsync(ProgramExternalConnectivityRequest call, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(call.EndpointId);
        using var held = await lifecycle.LockAsync(call.EndpointId, cancel);
        if (lifecycle.Find(call.EndpointId) is not { Phase: EndpointPhase.Joined } endpoint)
            return;
        var network = networks.Get(endpoint.NetworkId);
        if (EndpointOptions.Ports(call.Options, network.HostBinding) is { Count: > 0 } published && ListJson.CanChangePorts(network.List))
            await PublishAsync(network, Added(endpoint), published, EndpointOptions.MayProxy(call.Options), cancel);
    }

    /// <summary>
    /// Publishes in both families where the endpoint carries its ports in one, and the network that carried the other is gone: Docker 29
    /// does not tell.
    /// </summary>
    public async Task PublishOtherFamilyAsync(string id, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, cancel);
        if (lifecycle.Find(id) is not { Phase: EndpointPhase.Joined } endpoint || endpoint.RequestedPorts is null
            || !endpoint.Ports.Any(port => port.HostIp is PublishablePorts.AllV4 or PublishablePorts.AllV6))
            return;
        try
        {
            await PublishAsync(
                networks.Get(endpoint.NetworkId), Added(endpoint), EndpointOptions.PortsOf(endpoint.RequestedPorts), mayProxy: true,
                    cancel);
        }
        catch (Exception fault) when (fault is RefusedException or CniException)
        {
            NotInBothFamilies(fault.Message);
        }
    }

    /// <summary>
    /// RevokeExternalConnectivity: another endpoint is the gateway now, or none. Where the container has ended, Leave does this.
    /// </summary>
    public async Task RevokeAsync(EndpointRequest call)
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
        await UnpublishAsync(endpoint, deadline.Token);
    }

    /// <summary>The IPv4 address to which IPv6 traffic to its ports is proxied; null where none is needed.</summary>
    public IPAddress? ProxyTarget(StoredEndpoint endpoint) =>
        endpoint.Ports.Count > 0 && lifecycle.ResultOf(endpoint) is { } result && networks.Find(endpoint.NetworkId) is { } network
            ? PublishablePorts.ProxyTarget(result, network.List, network.Bridge)
            : null;

    /// <summary>
    /// Publishes the ports of an endpoint for which no ProgramExternalConnectivity comes: a list without a default route is never the
    /// gateway; up to 27 neither is one with IPv6 only. A failure is undone.
    /// </summary>
    public async Task<AddedEndpoint> PublishWithoutGatewayAsync(
        StoredNetwork network, AddedEndpoint added, IReadOnlyDictionary<string, JsonElement>? options, CancellationToken cancel)
    {
        if (added.Endpoint is not { Ports.Count: 0, OpenPorts.Count: 0 }
            || EndpointOptions.Ports(options, network.HostBinding) is not { Count: > 0 } published
            || !ListJson.CanChangePorts(network.List)
            || JoinAnswer.MayBeGateway(added.Result)
            || (JoinAnswer.MayBeGatewayIPv6(added.Result) && Sandbox.Exists(added.Endpoint)))
            return added;
        try
        {
            return added with { Endpoint = await PublishAsync(network, added, published, mayProxy: true, cancel) };
        }
        catch (Exception fault)
        {
            await lifecycle.UndoAsync(added.Endpoint, fault);
            throw;
        }
    }

    private async Task<StoredEndpoint> PublishAsync(
        StoredNetwork network, AddedEndpoint added, IReadOnlyList<PortBinding> published, bool mayProxy, CancellationToken cancel)
    {
        var (endpoint, result) = added;
        var others = Sandbox.FamiliesWithOtherGateway(endpoint);
        var carried = PublishablePorts.Of(result, published, mayProxy && PublishablePorts.MayProxy(network.List), others, network.Bridge);
        var open = PublishablePorts.Open(result, published, others, network.Bridge);
        if (endpoint is not { Ports.Count: 0, OpenPorts.Count: 0 })
        {
            if (ports.Covers(endpoint.Id, endpoint.SandboxKey, carried) && open.SequenceEqual(endpoint.OpenPorts))
                return endpoint;
            endpoint = await UnpublishAsync(endpoint, cancel);
        }
        if (carried.Count < published.Count && open.Count == 0)
            OtherFamily(published.Count - carried.Count, published.Count);
        var before = endpoint;
        endpoint = endpoint with
        {
            RequestedPorts = EndpointOptions.ToJson(published),
            Ports = ports.Take(endpoint.Id, endpoint.SandboxKey, carried),
            OpenPorts = open
        };
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
            if (!attacher.MayBePublished(endpoint)) // else rules may exist: the ports stay reserved until DEL has succeeded
            {
                ports.Release(endpoint.Id);
                lifecycle.SaveBestEffort(before);
                UpdateFirewall(endpoint);
            }
            throw;
        }
        if (PublishablePorts.ProxyTarget(result, network.List, network.Bridge) is { } container)
            ports.Serve(endpoint.Id, container);
        Published(TextOf(endpoint));
        return endpoint;
    }

    private async Task<StoredEndpoint> UnpublishAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        if (endpoint.Ports.Count > 0)
            await attacher.PublishAsync(endpoint with { Ports = [] }, cancel);
        Unpublished(TextOf(endpoint));
        var before = endpoint;
        endpoint = lifecycle.SaveBestEffort(endpoint with { Ports = [], OpenPorts = [] });
        ports.Release(endpoint.Id);
        UpdateFirewall(before);
        return endpoint;
    }

    private AddedEndpoint Added(StoredEndpoint endpoint) =>
        new(endpoint, lifecycle.ResultOf(endpoint) ?? throw new InvalidOperationException("an endpoint has joined without a result"));

    // Called after the endpoint has been stored without its open ports.
    private void UpdateFirewall(StoredEndpoint endpoint)
    {
        if (endpoint.OpenPorts.Count > 0)
            firewall.Update();
    }

    private static string TextOf(StoredEndpoint endpoint) =>
        string.Join(", ", endpoint.OpenPorts.Select(port => $"{port}").Prepend(PortRanges.Text(endpoint.Ports))
            .Where(text => text.Length > 0));

    [LoggerMessage(LogLevel.Information, "published {Ports}")]
    private partial void Published(string ports);

    [LoggerMessage(LogLevel.Information, "unpublished {Ports}: the container has another gateway, or none")]
    private partial void Unpublished(string ports);

    [LoggerMessage(LogLevel.Warning,
        "{Count} of {All} published ports have a host address of a family in which this network does not reach the container")]
    private partial void OtherFamily(int count, int all);

    [LoggerMessage(LogLevel.Error, "the ports are published in one family only: {Reason}")]
    private partial void NotInBothFamilies(string reason);
}
