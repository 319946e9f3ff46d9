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

/// <summary>Docker's networks: CreateNetwork and DeleteNetwork.</summary>
internal sealed partial class NetworkService(
    Settings settings,
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    StateFolder<StoredPool> pools,
    CniRuntime runtime,
    NetworkFirewall firewall,
    NetworkBridges hostBridges,
    NetworkSignal news,
    FirewalldZoneSync firewalld,
    EndpointLifecycle lifecycle,
    RetryQueue retries,
    TimeProvider clock,
    ILogger<NetworkService> log)
{
    // The engine lists a network only after CreateNetwork has been answered.
    private static readonly TimeSpan ListedWithin = TimeSpan.FromSeconds(20);

    // When CreateNetwork was answered; null as long as it is not.
    private readonly ConcurrentDictionary<string, long?> beingCreated = new(StringComparer.Ordinal);

    /// <summary>
    /// Resolves the list, asks its plugins for their versions, and stores the network. Nothing is made in the kernel yet but who may talk
    /// to whom.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="isRebuild">It was created before: what its list lacks by now is told when a container is attached by it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="RefusedException">The options do not fit, or the list is not usable here.</exception>
    public async Task CreateAsync(CreateNetwork call, bool isRebuild, CancellationToken cancel)
    {
        _ = ContainerId.Parse(call.NetworkId); // it becomes a file name
        var ofPools = NetworkPools.Of(call, pools.All);
        var options = NetworkOptions.From(call, ofPools.Count > 0 ? ofPools[0].ListName : null);
        var network = ofPools.Count > 0 ? OfPools(call, ofPools)
            : options.Bridge is { } bridge ? Generated(call, bridge)
            : Administered(call, options);

        var list = network.Bridge is null && !isRebuild
            ? await UsableAsync(network, cancel)
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
        firewall.Guard(network);
        firewalld.NetworksHaveChanged();
        news.Tell();
        Created(ShortId.Of(network.Id), list.Name.ToString(), list.CniVersion,
            string.Join(", ", list.Plugins.Select(plugin => plugin.Type)));
    }

    /// <summary>
    /// CreateNetwork's answer is on its way, or, where the engine has hung up, never will be. Nothing of that is stored: killed now, this
    /// process may not have sent it. That the engine has the network, its list says.
    /// </summary>
    public void Answered(string id, bool hasReachedEngine)
    {
        if (hasReachedEngine && beingCreated.ContainsKey(id))
            beingCreated[id] = clock.GetTimestamp();
        else
            NoteListed(id);
    }

    /// <summary>Whether the engine may come to list the network: it has no answer to CreateNetwork yet, or has it only now.</summary>
    public bool IsBeingCreated(string id) => beingCreated.TryGetValue(id, out var answered)
        && (answered is not { } moment || clock.GetElapsedTime(moment) < ListedWithin);

    /// <summary>The engine lists the network, or will not.</summary>
    public void NoteListed(string id) => beingCreated.TryRemove(id, out _);

    // As cnid networks judges the lists of the folder.
    private async Task<NetworkList> UsableAsync(StoredNetwork network, CancellationToken cancel)
    {
        var (list, faults) = await new ListUsability(settings, runtime).OfAsync(network.List, cancel);
        return faults.Count == 0
            ? list
            : throw new RefusedException($"the list '{network.ListName}' is not usable: {string.Join("; ", faults)}");
    }

    /// <summary>Forgets the network and removes the bridge it made. Unknown ones are gone already.</summary>
    public Task DeleteAsync(NetworkCall call)
    {
        if (networks.Find(call.NetworkId) is not { } network)
            return Task.CompletedTask;
        Forget(network);
        return Task.CompletedTask;
    }

    public void Forget(StoredNetwork network)
    {
        NoteListed(network.Id);
        // Docker deletes a network only without endpoints: what is still here is being unmade, or was lost in a call that a kill cut short.
        // It needs no network for its end.
        List<StoredEndpoint> left = [.. endpoints.All.Where(endpoint => endpoint.NetworkId == network.Id)];
        networks.SaveBestEffort(network with { Phase = NetworkPhase.Deleting });
        ReleaseBridges(network);
        firewall.Forget(network.Id);
        firewalld.NetworksHaveChanged();
        foreach (var pool in network.Pools.Where(pool => networks.All.All(other => !other.Pools.Contains(pool))))
            pools.Remove(pool);
        foreach (var endpoint in left.Where(endpoint => endpoint.Phase != EndpointPhase.Joined))
            _ = retries.Start(endpoint, endpoint.ListName, () => lifecycle.ForgetAsync(endpoint));
        Deleted(ShortId.Of(network.Id), left.Count);
    }

    // Another network of the same list makes its bridge again, but need not.
    private void ReleaseBridges(StoredNetwork network)
    {
        var list = network.List;
        if (networks.All.Any(other => other.Id != network.Id && other.List.Name == list.Name))
            return;
        try
        {
            // A cnid before 0.2 kept no record; a bridge named after a network's id is nobody else's.
            foreach (var (bridge, ports) in hostBridges.Release(list, own: NameAfter(network.Id)))
                StillUsed(bridge, ports);
        }
        catch (NetlinkException fault)
        {
            BridgeStays(ShortId.Of(network.Id), fault.Message);
        }
    }

    /// <summary>
    /// Whether Docker's IPAM need not reserve a gateway. What is wrong with the options is said when the network is created.
    /// </summary>
    public static GatewayAllocation GatewaysOf(GatewayAllocationAsked call)
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

    private StoredNetwork Generated(CreateNetwork call, BridgeOptions options)
    {
        if (call is { IPv4Data: null or [], IPv6Data: null or [] })
            throw new RefusedException("the network has neither IPv4 nor IPv6: add --ipv6, or leave --ipv4=false away");
        if (IpamCompatibility.UsesListIpam(call))
            throw new RefusedException("a network that cnid generates takes its addresses from Docker's IPAM: leave --ipam-driver away, "
                + $"or name a list that has an IPAM: -o {NetworkOptions.ListKey}=NAME, or a plugin: -o {InlineList.TypeKey}=TYPE -o "
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
        if (DockersBridge().IsMatch(bridge.Name))
            throw new RefusedException(
                $"option '{NetLabel.BridgeName}': '{bridge.Name}' is a bridge of Docker's own, for its own networks; give another name");
        if (hostBridges.WhyNot(bridge.Name, bridge.HostGateways) is { } reason)
            throw new RefusedException($"option '{NetLabel.BridgeName}': {reason}");
        var masquerading = bridge with { Masquerades = options is { Masquerade: true, Internal: false } };
        var inProcess = new StoredNetwork { Id = call.NetworkId, List = BridgeList.InProcess(call.NetworkId, bridge, options),
            Bridge = masquerading, CreatedAt = clock.GetUtcNow() };
        return runtime.PerformsAll(inProcess.List) ? inProcess
            : inProcess with { List = BridgeList.ByExecutables(call.NetworkId, bridge, options), Bridge = BridgeList.CanMasquerade(bridge)
                ? bridge
                : masquerading };
    }

    private StoredNetwork OfPools(CreateNetwork call, IReadOnlyList<StoredPool> ofPools) => new()
    {
        Id = call.NetworkId,
        List = ofPools[0].List,
        Source = ofPools[0].Source,
        Pools = [.. ofPools.Select(pool => pool.Id)],
        AuxAddresses = NetworkPools.Auxiliary(call),
        CreatedAt = clock.GetUtcNow(),
    };

    private StoredNetwork Administered(CreateNetwork call, NetworkOptions options)
    {
        var list = options.Inline is { } inline
            ? InlineList.Parse(inline, call.NetworkId)
            : new NetworkListFolder(settings.ConfDir).Find(NetworkName.Parse(options.ListName!));
        InterfacelessList.Refuse(list);
        var usesListIpam = IpamCompatibility.UsesListIpam(call);
        if (!usesListIpam)
            IpamCompatibility.Check(list, call);
        return new() { Id = call.NetworkId, List = list, Source = list.Source, UsesListIpam = usesListIpam,
            CreatedAt = clock.GetUtcNow() };
    }

    private static string NameAfter(string networkId) => "cni-" + networkId[..Math.Min(11, networkId.Length)];

    [LoggerMessage(LogLevel.Information, "network {Network}: list {List}, version {Version}, plugins {Plugins}")]
    private partial void Created(string network, string list, string version, string plugins);

    [GeneratedRegex(@"^(docker0|docker_gwbridge|br-[0-9a-f]{12})\z")]
    private static partial Regex DockersBridge();

    [LoggerMessage(LogLevel.Warning, "the bridge {Bridge} still has {Ports} ports and stays; remove it with: ip link delete {Bridge}")]
    private partial void StillUsed(string bridge, int ports);

    [LoggerMessage(LogLevel.Warning, "network {Network}: a bridge that nobody uses stays: {Reason}")]
    private partial void BridgeStays(string network, string reason);

    [LoggerMessage(LogLevel.Information, "network {Network} deleted, {Left} endpoints of it still to be unmade")]
    private partial void Deleted(string network, int left);
}
