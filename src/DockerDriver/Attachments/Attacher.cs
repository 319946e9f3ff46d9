using System.Text.Json;
using CniCore.Cache;
using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Bridge;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Firewall;
using DockerDriver.Lists;
using DockerDriver.Sandboxes;
using DockerDriver.Sandboxes.Replay;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>
/// Runs CNI for an endpoint: ADD in a holding namespace, the hand-over of the interface to libnetwork, and DEL in the namespace where the
/// interface is then.
/// </summary>
internal sealed partial class Attacher(
    Settings settings, CniRuntime runtime, NetworkBridges hostBridges, HoldingNamespaces holding, TimeProvider clock, ILogger<Attacher> log)
{
    private const int MaxTriesWithInterface = 2;

    /// <summary>
    /// Runs ADD in the endpoint's holding namespace. What a failed ADD may have left is removed by <see cref="TearDownAsync"/>.
    /// </summary>
    /// <returns>The result, the interface's MAC and identity, and what ADD changed in the namespace.</returns>
    public async Task<(CniResult Result, string Mac, LinkIdentity? Link, NetnsDelta? NetnsDelta)> AddAsync(
        StoredNetwork network, StoredEndpoint endpoint, CancellationToken cancel)
    {
        network = await BridgeList.UpdateAsync(network, runtime, cancel);
        if (network.List.HasCapability(CapabilityNames.HandOver))
            return await AddOnHostAsync(network, endpoint, cancel);
        using var netns = holding.Create(endpoint);
        var before = NetnsSnapshot.Of(netns);
        var (list, request) = AttachmentPlan.For(network, endpoint, holding.PathOf(endpoint));
        if (network.Bridge is { } bridge)
            EnsureBridge(list, bridge); // before a plugin creates it
        var result = await runtime.AddAsync(list, request, cancel);
        PortIsolation.Apply(network, result);
        RefuseUnrequestedAddresses(endpoint, result);
        using var route = RouteSocket.OpenIn(netns);
        var link = route.FindLink(HoldingNamespaces.IfName.ToString())
            ?? throw new RefusedException($"the plugins reported success and left no interface {HoldingNamespaces.IfName}");
        return (result, link.Mac, LinkFinder.IdentityIn(link, route) with { Index = 0 }, NetnsSnapshot.Of(netns).DeltaSince(before));
    }

    private async Task<(CniResult Result, string Mac, LinkIdentity? Link, NetnsDelta? NetnsDelta)> AddOnHostAsync(
        StoredNetwork network, StoredEndpoint endpoint, CancellationToken cancel)
    {
        var (list, request) = AttachmentPlan.For(network, endpoint, netns: "");
        if (network.Bridge is { LeavesGatewaysToPlugin: false } bridge)
            EnsureBridge(list, bridge);
        var result = await runtime.AddAsync(list, request, cancel);
        PortIsolation.Apply(network, result);
        using var route = RouteSocket.Open();
        var link = route.FindLink(endpoint.HostName);
        return (result, result.Interfaces.Single(reported => reported.Name == endpoint.HostName).Mac
            ?? "", link is null ? null : LinkFinder.IdentityOnHost(link), null);
    }

    private void EnsureBridge(NetworkList list, GeneratedBridge bridge) =>
        hostBridges.Ensure(list, [.. bridge.HostGateways], withoutIPv6: bridge.ModeIPv6 == GatewayMode.Isolated);

    /// <summary>Moves the interface to the host's namespace, under the endpoint's host name, where libnetwork looks for it.</summary>
    /// <returns>The interface's identity from then on.</returns>
    public LinkIdentity? HandOver(AddedEndpoint added)
    {
        var endpoint = added.Endpoint;
        if (added.Result.Interfaces.Any(reported => reported.Name == endpoint.HostName))
            return endpoint.Link; // ADD created it there
        using var host = NetworkNamespace.Current();
        using (var netns = NetworkNamespace.Open(holding.PathOf(endpoint)))
        using (var route = RouteSocket.OpenIn(netns))
        {
            var held = route.FindLink(HoldingNamespaces.IfName.ToString())
                ?? throw new RefusedException($"the interface {HoldingNamespaces.IfName} is no longer in the holding namespace");
            route.MoveTo(held.Index, host, endpoint.HostName);
        }
        if (endpoint.NetnsDelta is null || !SecondaryInterfaces.Of(endpoint.NetnsDelta).Any())
            holding.Remove(endpoint);
        if (endpoint.Link is not { HasPeer: false } link)
            return endpoint.Link;
        using var here = RouteSocket.Open();
        return here.FindLink(endpoint.HostName) is { } handed ? link with { Index = handed.Index } : link;
    }

    /// <summary>The stored result of the endpoint's ADD; null where none has succeeded.</summary>
    public CniResult? ResultOf(StoredEndpoint endpoint) => AttachmentOf(endpoint)?.Result;

    /// <summary>
    /// Runs DEL with the interface in reach: in the sandbox, moved from the host's namespace to the holding namespace, or replaced by a
    /// placeholder. Where the plugins refuse, without the interface. Idempotent. Has a time limit of its own, since the caller may have
    /// gone.
    /// </summary>
    /// <param name="mayDeleteInSandbox">The sandbox is about to be destroyed, so that DEL may delete the interface inside it.</param>
    public async Task TearDownAsync(StoredEndpoint endpoint, bool mayDeleteInSandbox)
    {
        if (AttachmentOf(endpoint) is { } attachment)
        {
            using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
            var last = "";
            await runtime.DeleteAsync(attachment,
                NetnsCandidates(endpoint, attachment, mayDeleteInSandbox).Select(place => last = place), deadline.Token);
            TornDown(last.Length > 0 ? last : "place");
        }
        holding.Remove(endpoint);
        RemoveHostInterface(endpoint);
    }

    /// <summary>Forgets an endpoint that has nothing in the kernel, if its plugins keep no state outside this host.</summary>
    /// <returns>Whether it was forgotten.</returns>
    public async Task<bool> ForgetLocalAsync(StoredEndpoint endpoint)
    {
        if (AttachmentOf(endpoint) is { } attachment)
        {
            if (!LocalPlugins.AreAllOf(attachment.List))
                return false;
            using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
            await runtime.ForgetAsync(attachment, deadline.Token);
        }
        holding.Remove(endpoint);
        RemoveHostInterface(endpoint);
        return true;
    }

    /// <summary>Tears an endpoint down manually: if DEL fails, the attachment is forgotten. Returns a message for the user.</summary>
    public async Task<string> ReleaseAsync(StoredEndpoint endpoint, bool mayDeleteInSandbox)
    {
        var line = AttachmentOf(endpoint) is { } attachment
            ? await ForcedRelease.RunAsync(runtime, attachment, () => TearDownAsync(endpoint, mayDeleteInSandbox))
            : $"released {endpoint.ListName}/{endpoint.Id}: it had no attachment";
        holding.Remove(endpoint);
        RemoveHostInterface(endpoint);
        return line;
    }

    /// <summary>Whether rules for the endpoint's ports may exist.</summary>
    public bool MayHavePortRules(StoredEndpoint endpoint) => PortRules.MayExist(AttachmentOf(endpoint));

    /// <summary>Maps the endpoint's ports with its list's <c>portmap</c>s; unmaps all if it has none.</summary>
    /// <exception cref="CniException">A plugin failed.</exception>
    public async Task PublishAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        var attachment = AttachmentOf(endpoint) ?? throw new InvalidOperationException("ports of an endpoint without an attachment");
        JsonElement? ports = endpoint.Ports.Count > 0 ? ListJson.Element(AttachmentPlan.Mappings(endpoint.Ports)) : null;
        if (attachment.List.HasCapability(CapabilityNames.HandOver))
        {
            await runtime.ChangeCapabilityAsync(attachment, CapabilityNames.PortMappings, ports, "", cancel);
            return;
        }
        // portmap enters no namespace, but executables require a valid CNI_NETNS (cni skel.go, since 1.2), and up to Docker 27 the sandbox
        // does not exist yet.
        var isPlaceholder = !Sandbox.Exists(endpoint) && !holding.Exists(endpoint);
        if (isPlaceholder)
            holding.Create(endpoint).Dispose();
        try
        {
            await runtime.ChangeCapabilityAsync(attachment, CapabilityNames.PortMappings, ports, Sandbox.Exists(endpoint)
                ? endpoint.SandboxKey
                : holding.PathOf(endpoint), cancel);
        }
        finally
        {
            if (isPlaceholder)
                holding.Remove(endpoint);
        }
    }

    /// <summary>Whether rules for its ports may exist.</summary>
    public bool MayBePublished(StoredEndpoint endpoint) =>
        AttachmentOf(endpoint)?.Capabilities.ContainsKey(CapabilityNames.PortMappings) == true;

    private Attachment? AttachmentOf(StoredEndpoint endpoint) =>
        runtime.Find(NetworkName.Parse(endpoint.ListName), ContainerId.Parse(endpoint.Id), HoldingNamespaces.IfName);

    /// <summary>
    /// The CNI_NETNS values to try DEL with, in order: with the interface, or the first time with a placeholder; an empty namespace; none.
    /// An interface that still exists after a failure is kept for two more tries, since the cause may be temporary.
    /// </summary>
    private IEnumerable<string> NetnsCandidates(StoredEndpoint endpoint, Attachment attachment, bool mayDeleteInSandbox)
    {
        if (attachment.List.HasCapability(CapabilityNames.HandOver))
        {
            yield return "";
            yield break;
        }
        var isFirst = attachment.FailedDels == 0;
        if (mayDeleteInSandbox && Sandbox.HasInterface(endpoint, HoldingNamespaces.IfName))
        {
            yield return endpoint.SandboxKey;
            if (Sandbox.HasInterface(endpoint) && attachment.FailedDels < MaxTriesWithInterface)
                yield break;
            yield return endpoint.SandboxKey;
        }
        else if (TryMoveBack(endpoint, attachment))
        {
            yield return holding.PathOf(endpoint);
            if (HoldsInterface(endpoint) && attachment.FailedDels < MaxTriesWithInterface)
                yield break;
            yield return holding.PathOf(endpoint);
        }
        else
        {
            LinkFinder.DeletePeer(endpoint.Link, attachment.List);
            if (isFirst && TryCreatePlaceholder(endpoint, attachment))
            {
                yield return holding.PathOf(endpoint);
                HoldingNamespaces.RemovePlaceholder(holding.PathOf(endpoint));
            }
            yield return holding.PathOf(endpoint);
        }
        yield return "";
    }

    // After a failed DEL, the next one runs even if the interface cannot be moved.
    private bool TryMoveBack(StoredEndpoint endpoint, Attachment attachment)
    {
        try
        {
            return MoveBack(endpoint, attachment.Result);
        }
        catch (LinuxException fault) when (attachment.FailedDels > 0)
        {
            NotMovedBack(fault.Message);
            return false;
        }
    }

    private bool TryCreatePlaceholder(StoredEndpoint endpoint, Attachment attachment)
    {
        try
        {
            HoldingNamespaces.CreatePlaceholder(holding.PathOf(endpoint), endpoint, attachment.Result);
            return true;
        }
        catch (LinuxException fault)
        {
            NotMovedBack(fault.Message);
            HoldingNamespaces.RemovePlaceholder(holding.PathOf(endpoint)); // may be incomplete
            return false;
        }
    }

    // Moves the interface to the holding namespace, and creates that if necessary. Returns whether there was an interface.
    private bool MoveBack(StoredEndpoint endpoint, CniResult? result)
    {
        if (holding.Exists(endpoint) && HoldsInterface(endpoint))
            return true;

        using var netns = holding.Exists(endpoint) ? NetworkNamespace.Open(holding.PathOf(endpoint)) : holding.Create(endpoint);
        SecondaryInterfaces.MoveBack(endpoint, netns);
        // First from the host if its identity is certain: in the sandbox another interface may have its MAC.
        if (!MoveFromHost(endpoint, netns, isCertain: true) && !Sandbox.MoveInterfaceOut(endpoint, netns, HoldingNamespaces.IfName)
            && !MoveFromHost(endpoint, netns, isCertain: false))
            return false;
        using var route = RouteSocket.OpenIn(netns);
        HoldingNamespaces.RestoreAddresses(route, result);
        return true;
    }

    private bool HoldsInterface(StoredEndpoint endpoint)
    {
        using var netns = NetworkNamespace.Open(holding.PathOf(endpoint));
        using var route = RouteSocket.OpenIn(netns);
        return route.FindLink(HoldingNamespaces.IfName.ToString()) is not null;
    }

    private static bool MoveFromHost(StoredEndpoint endpoint, NetworkNamespace netns, bool isCertain)
    {
        using var route = RouteSocket.Open();
        if (LinkFinder.FindOnHost(endpoint.Link, endpoint.HostName, route) is not { } link
            || (isCertain && link.Index != endpoint.Link?.Index))
            return false;
        route.MoveTo(link.Index, netns, HoldingNamespaces.IfName.ToString());
        return true;
    }

    /// <summary>
    /// Tears down an endpoint without a record, after the state was lost: if its interface is back on the host, runs DEL with its network's
    /// list, then deletes the interface. Does nothing where there is no interface: Docker repeats DeleteEndpoint for endpoints that are
    /// gone.
    /// </summary>
    /// <param name="network">Its network; null where that is unknown too, so that DEL cannot be run.</param>
    /// <param name="unrecorded">Its id and its network's id, as far as known.</param>
    public async Task TearDownUnrecordedAsync(StoredNetwork? network, StoredEndpoint unrecorded)
    {
        using var route = RouteSocket.Open();
        if (route.FindLink(unrecorded.HostName) is null)
            return;
        if (network is not null)
        {
            using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
            network = await BridgeList.UpdateAsync(network, runtime, deadline.Token);
            var (list, request) = AttachmentPlan.For(network, unrecorded, netns: "");
            await runtime.DeleteAsync(list, request, deadline.Token);
        }
        RemoveHostInterface(unrecorded);
        UnrecordedTornDown();
    }

    // A plugin whose DEL does not delete its interface would leave it on the host; and libnetwork moves out any interface that has its name
    // in the sandbox.
    private static void RemoveHostInterface(StoredEndpoint endpoint)
    {
        using var route = RouteSocket.Open();
        if (route.FindLink(endpoint.HostName) is { } link)
            route.DeleteLink(link.Index);
    }

    private static void RefuseUnrequestedAddresses(StoredEndpoint endpoint, CniResult result)
    {
        var wanted = endpoint.Addresses.Count > 0 ? endpoint.Addresses : endpoint.RequestedIps;
        if (result.Ips.Count > 0 && new AddressRequest(wanted, endpoint.Mac).FirstMissingFrom(result) is { } missing)
        {
            var given = string.Join(", ", result.Ips.Select(ip => ip.Address.Address));
            throw new RefusedException(endpoint.Addresses.Count > 0
                ? $"Docker chose {missing}, the list's IPAM assigned {given}: create the network with --ipam-driver null"
                : $"{missing} was requested with {AttachmentPlan.IpsKey}, the list's IPAM assigned {given}: it does not support address "
                    + $"requests; remove {AttachmentPlan.IpsKey}");
        }
    }

    [LoggerMessage(LogLevel.Warning, "removed the interface of an endpoint without a record; its list's IPAM may still hold its "
        + "addresses; if no other runtime uses the list: cnid gc LIST --builtin always")]
    private partial void UnrecordedTornDown();

    [LoggerMessage(LogLevel.Information, "torn down in {Place}")]
    private partial void TornDown(string place);

    [LoggerMessage(LogLevel.Warning, "the interface could not be moved back for DEL, which continues without it: {Reason}")]
    private partial void NotMovedBack(string reason);
}
