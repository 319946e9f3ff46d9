using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using CniCore.Config;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Bridge;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Firewall;
using DockerDriver.Lists;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>CreateNetwork and DeleteNetwork.</summary>
internal sealed partial class NetworkService(
    Settings settings,
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    StateFolder<StoredPool> pools,
    CniRuntime runtime,
    NetworkFirewall firewall,
    NetworkBridges hostBridges,
    NetworkSignal networkSignal,
    FirewalldZoneSync firewalld,
    EndpointLifecycle lifecycle,
    RetryQueue retries,
    TimeProvider clock,
    ILogger<NetworkService> log)
{
    // The engine lists a network only after CreateNetwork has been answered.
    private static readonly TimeSpan ListedWithin = TimeSpan.FromSeconds(20);

    // Timestamps of CreateNetwork's answers; null until the answer.
    private readonly ConcurrentDictionary<string, long?> beingCreated = new(StringComparer.Ordinal);

    /// <summary>
    /// Resolves the list, negotiates its version with its plugins, and stores the network. Of kernel objects only the firewall rules are
    /// created.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="isRebuild">The network existed before: a list that is no longer usable is reported at the next attach instead.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <exception cref="RefusedException">The options conflict, or the list is not usable.</exception>
    public async Task CreateAsync(CreateNetworkRequest call, bool isRebuild, CancellationToken cancel)
    {
        _ = ContainerId.Parse(call.NetworkId); // it is used as a file name
        var ofPools = NetworkPools.Of(call, pools.All);
        var options = NetworkOptions.From(call, ofPools.Count > 0 ? ofPools[0].ListName : null);
        var network = options.Bridge switch
        {
            _ when ofPools.Count > 0 => BuildFromPools(call, ofPools),
            { } bridge => BuildGenerated(call, bridge),
            null => BuildFromList(call, options),
        };

        var list = network.Bridge is null && !isRebuild
            ? await RequireUsableAsync(network, cancel)
            : await runtime.NegotiateAsync(network.List, cancel);
        network = network with
        {
            List = list,
            HostBinding = options.HostBinding,
            InterfacePrefix = options.InterfacePrefix,
            Phase = isRebuild ? NetworkPhase.Created : NetworkPhase.Creating,
        };

        if (!isRebuild)
            beingCreated.TryAdd(network.Id, null);
        firewall.Add(network);
        firewalld.NetworksChanged();
        networkSignal.Set();
        Created(ShortId.Of(network.Id), list.Name.ToString(), list.CniVersion,
            string.Join(", ", list.Plugins.Select(plugin => plugin.Type)));
    }

    /// <summary>
    /// CreateNetwork's answer is being sent, or, where the engine has closed the connection, is not. This is not stored: a killed process
    /// may not have sent the answer. The engine's list tells whether it has the network.
    /// </summary>
    public void CreateAnswered(string id, bool hasReachedEngine)
    {
        if (hasReachedEngine && beingCreated.ContainsKey(id))
            beingCreated[id] = clock.GetTimestamp();
        else
            MarkListed(id);
    }

    /// <summary>Whether the engine may still list the network: CreateNetwork has not been answered, or only just.</summary>
    public bool IsBeingCreated(string id) => beingCreated.TryGetValue(id, out var answered)
        && (answered is not { } moment || clock.GetElapsedTime(moment) < ListedWithin);

    /// <summary>The engine lists the network, or will not.</summary>
    public void MarkListed(string id) => beingCreated.TryRemove(id, out _);

    // The same check as in cnid networks.
    private async Task<NetworkList> RequireUsableAsync(StoredNetwork network, CancellationToken cancel)
    {
        var (list, faults) = await new ListUsability(settings, runtime).OfAsync(network.List, cancel);
        return faults.Count == 0
            ? list
            : throw new RefusedException($"the list '{network.ListName}' is not usable: {string.Join("; ", faults)}");
    }

    /// <summary>Deletes the network and its bridge. An unknown network has been deleted before.</summary>
    public Task DeleteAsync(DeleteNetworkRequest call)
    {
        if (networks.Find(call.NetworkId) is not { } network)
            return Task.CompletedTask;
        Forget(network);
        return Task.CompletedTask;
    }

    public void Forget(StoredNetwork network)
    {
        MarkListed(network.Id);
        // Docker deletes only networks without endpoints: the remaining ones are being torn down, or were left by an interrupted call.
        // Their DEL needs no network.
        List<StoredEndpoint> left = [.. endpoints.All.Where(endpoint => endpoint.NetworkId == network.Id)];
        networks.SaveBestEffort(network with { Phase = NetworkPhase.Deleting });
        ReleaseBridges(network);
        firewall.Remove(network.Id);
        firewalld.NetworksChanged();
        foreach (var pool in network.Pools.Where(pool => networks.All.All(other => !other.Pools.Contains(pool))))
            pools.Remove(pool);
        foreach (var endpoint in left.Where(endpoint => endpoint.Phase != EndpointPhase.Joined))
            _ = retries.Start(endpoint, endpoint.ListName, () => lifecycle.ForgetAsync(endpoint));
        Deleted(ShortId.Of(network.Id), left.Count);
    }

    // Another network of the same list may use the bridge.
    private void ReleaseBridges(StoredNetwork network)
    {
        var list = network.List;
        if (networks.All.Any(other => other.Id != network.Id && other.List.Name == list.Name))
            return;
        try
        {
            // Versions before 0.2 kept no record of bridges; one that is named after a network's id is cnid's.
            foreach (var (bridge, ports) in hostBridges.Release(list, own: NameAfter(network.Id)))
                StillUsed(bridge, ports);
        }
        catch (NetlinkException fault)
        {
            BridgeStays(ShortId.Of(network.Id), fault.Message);
        }
    }

    /// <summary>GwAllocCheck: whether Docker's IPAM need not reserve a gateway. Invalid options are reported by CreateNetwork.</summary>
    public static GwAllocCheckResponse GatewaysNotNeeded(GwAllocCheckRequest call)
    {
        try
        {
            var bridge = NetworkOptions.From(call.Options).Bridge;
            return new(bridge?.NeedsNoGateway(AddressFamily.InterNetwork) == true,
                bridge?.NeedsNoGateway(AddressFamily.InterNetworkV6) == true);
        }
        catch (RefusedException)
        {
            return new(SkipIPv4: false, SkipIPv6: false);
        }
    }

    private StoredNetwork BuildGenerated(CreateNetworkRequest call, BridgeOptions options)
    {
        if (call is { IPv4Data: null or [], IPv6Data: null or [] })
            throw new RefusedException("the network has neither IPv4 nor IPv6: add --ipv6, or remove --ipv4=false");
        if (IpamCompatibility.UsesListIpam(call))
            throw new RefusedException("a generated network needs Docker's IPAM: remove --ipam-driver, "
                + $"or name a list with an IPAM: -o {NetworkOptions.ListKey}=NAME, or a plugin: -o {InlineList.TypeKey}=TYPE -o "
                    + "cni.ipam.type=TYPE");
        List<AddressPool> pools = [.. call.IPv4Data ?? [], .. call.IPv6Data ?? []];
        var bridge = new GeneratedBridge(
            options.Name is { } name ? InterfaceName.Parse(name).ToString() : NameAfter(call.NetworkId),
            [.. pools.Select(pool => pool.Gateway).OfType<string>().Where(gateway => gateway.Length > 0)
                .Where(gateway => options.ModeOf(gateway) != GatewayMode.Isolated)],
            options.Internal,
            options.Icc)
        {
            ModeIPv4 = options.ModeIPv4,
            ModeIPv6 = options.ModeIPv6,
            SourceIPv4 = options.SourceIPv4,
            SourceIPv6 = options.SourceIPv6,
            InhibitsIPv4 = options.InhibitsIPv4,
            TrustedInterfaces = options.TrustedInterfaces,
        };
        if (networks.All.FirstOrDefault(other => other.Id != call.NetworkId && other.Bridge?.Name == bridge.Name) is { } taken)
            throw new RefusedException(
                $"option '{NetLabel.BridgeName}': the bridge '{bridge.Name}' belongs to the network {ShortId.Of(taken.Id)}");
        if (DockerBridgeName().IsMatch(bridge.Name))
            throw new RefusedException(
                $"option '{NetLabel.BridgeName}': '{bridge.Name}' is reserved for Docker's own bridges; use another name");
        if (hostBridges.WhyNot(bridge.Name, bridge.HostGateways) is { } reason)
            throw new RefusedException($"option '{NetLabel.BridgeName}': {reason}");
        var masquerading = bridge with { Masquerades = options is { Masquerade: true, Internal: false } };
        var forBuiltins = new StoredNetwork
        {
            Id = call.NetworkId, List = BridgeList.ForBuiltins(call.NetworkId, bridge, options),
            Bridge = masquerading, CreatedAt = clock.GetUtcNow()
        };
        return runtime.PerformsAll(forBuiltins.List) ? forBuiltins
            : forBuiltins with
            {
                List = BridgeList.ForExecutables(call.NetworkId, bridge, options),
                Bridge = BridgeList.CanUseIpMasq(bridge)
                ? bridge
                : masquerading
            };
    }

    private StoredNetwork BuildFromPools(CreateNetworkRequest call, IReadOnlyList<StoredPool> ofPools) => new()
    {
        Id = call.NetworkId,
        List = ofPools[0].List,
        Source = ofPools[0].Source,
        Pools = [.. ofPools.Select(pool => pool.Id)],
        AuxAddresses = NetworkPools.Auxiliary(call),
        CreatedAt = clock.GetUtcNow(),
    };

    private StoredNetwork BuildFromList(CreateNetworkRequest call, NetworkOptions options)
    {
        var list = options.Inline is { } inline
            ? InlineList.Parse(inline, call.NetworkId)
            : new NetworkListFolder(settings.ConfDir).Find(NetworkName.Parse(options.ListName!));
        InterfacelessList.Refuse(list);
        var usesListIpam = IpamCompatibility.UsesListIpam(call);
        if (!usesListIpam)
            IpamCompatibility.Check(list, call);
        return new()
        {
            Id = call.NetworkId, List = list, Source = list.Source, UsesListIpam = usesListIpam,
            CreatedAt = clock.GetUtcNow()
        };
    }

    private static string NameAfter(string networkId) => "cni-" + networkId[..Math.Min(11, networkId.Length)];

    [LoggerMessage(LogLevel.Information, "network {Network}: list {List}, version {Version}, plugins {Plugins}")]
    private partial void Created(string network, string list, string version, string plugins);

    [GeneratedRegex(@"^(docker0|docker_gwbridge|br-[0-9a-f]{12})\z")]
    private static partial Regex DockerBridgeName();

    [LoggerMessage(LogLevel.Warning,
        "the bridge {Bridge} still has {Ports} ports and is not removed; remove it with: ip link delete {Bridge}")]
    private partial void StillUsed(string bridge, int ports);

    [LoggerMessage(LogLevel.Warning, "network {Network}: an unused bridge could not be removed: {Reason}")]
    private partial void BridgeStays(string network, string reason);

    [LoggerMessage(LogLevel.Information, "network {Network} deleted; {Left} of its endpoints are still to be torn down")]
    private partial void Deleted(string network, int left);
}
