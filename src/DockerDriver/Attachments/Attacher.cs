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
/// Runs CNI for an endpoint: ADD in a holding namespace, the hand-over to libnetwork, and DEL wherever the interface is by then.
/// </summary>
internal sealed partial class Attacher(
    Settings settings, CniRuntime runtime, NetworkBridges hostBridges, HoldingNamespaces holding, TimeProvider clock, ILogger<Attacher> log)
{
    private const int TriesWithInterface = 2;

    /// <summary>
    /// ADD. What it leaves lies in the endpoint's holding namespace. When it fails, what it may have left is for
    /// <see cref="TearDownAsync"/>.
    /// </summary>
    /// <returns>The result, the interface, and what it left there.</returns>
    public async Task<(CniResult Result, string Mac, LinkIdentity? Link, NetnsDelta? NetnsDelta)> AddAsync(
        StoredNetwork network, StoredEndpoint endpoint, CancellationToken cancel)
    {
        if (network.List.HasCapability(CapabilityNames.HandOver))
            return await AddOnHostAsync(network, endpoint, cancel);
        using var space = holding.Create(endpoint);
        var before = NetnsSnapshot.Of(space);
        var (list, request) = AttachmentPlan.For(network, endpoint, holding.PathOf(endpoint));
        if (network.Bridge is { } bridge)
            Ensure(list, bridge); // before a plugin of somebody else makes it
        var result = await runtime.AddAsync(list, request, cancel);
        PortIsolation.Apply(network, result);
        RefuseOtherAddresses(endpoint, result);
        using var route = RouteSocket.OpenIn(space);
        var link = route.FindLink(HoldingNamespaces.IfName.ToString())
            ?? throw new RefusedException($"the plugins reported success and left no interface {HoldingNamespaces.IfName}");
        return (result, link.Mac, LinkFinder.IdentityIn(link, route) with { Index = 0 }, NetnsSnapshot.Of(space).Since(before));
    }

    private async Task<(CniResult Result, string Mac, LinkIdentity? Link, NetnsDelta? NetnsDelta)> AddOnHostAsync(
        StoredNetwork network, StoredEndpoint endpoint, CancellationToken cancel)
    {
        var (list, request) = AttachmentPlan.For(network, endpoint, netns: "");
        if (network.Bridge is { LeavesGatewaysToPlugin: false } bridge)
            Ensure(list, bridge);
        var result = await runtime.AddAsync(list, request, cancel);
        PortIsolation.Apply(network, result);
        using var route = RouteSocket.Open();
        var link = route.FindLink(endpoint.HostName);
        return (result, result.Interfaces.Single(one => one.Name == endpoint.HostName).Mac
            ?? "", link is null ? null : LinkFinder.IdentityOnHost(link), null);
    }

    private void Ensure(NetworkList list, GeneratedBridge bridge) =>
        hostBridges.Ensure(list, [.. bridge.HostGateways], withoutIPv6: bridge.ModeIPv6 == GatewayMode.Isolated);

    /// <summary>Puts the interface where libnetwork looks for it: the host's namespace, under the endpoint's own name.</summary>
    /// <returns>What it is known by from then on.</returns>
    public LinkIdentity? HandOver(AddedEndpoint made)
    {
        var endpoint = made.Endpoint;
        if (made.Result.Interfaces.Any(one => one.Name == endpoint.HostName))
            return endpoint.Link; // it was made there
        using var host = NetworkNamespace.Current();
        using (var space = NetworkNamespace.Open(holding.PathOf(endpoint)))
        using (var route = RouteSocket.OpenIn(space))
        {
            var held = route.FindLink(HoldingNamespaces.IfName.ToString())
                ?? throw new RefusedException($"the interface {HoldingNamespaces.IfName} has gone from the holding namespace");
            route.MoveTo(held.Index, host, endpoint.HostName);
        }
        if (endpoint.NetnsDelta is null || !SecondaryInterfaces.Of(endpoint.NetnsDelta).Any())
            holding.Remove(endpoint);
        if (endpoint.Link is not { IsPair: false } link)
            return endpoint.Link;
        using var here = RouteSocket.Open();
        return here.FindLink(endpoint.HostName) is { } handed ? link with { Index = handed.Index } : link;
    }

    /// <summary>The stored result of the endpoint's ADD; null where none has succeeded.</summary>
    public CniResult? ResultOf(StoredEndpoint endpoint) => AttachmentOf(endpoint)?.Result;

    /// <summary>
    /// DEL, with the interface at hand wherever it is: in the sandbox, back in the host's namespace, in its holding namespace, or
    /// gone and replaced; where plugins refuse that, without it. Right to repeat. Has a time limit of its own: the call that wanted it
    /// may be over.
    /// </summary>
    /// <param name="maySandboxServe">The sandbox is about to be destroyed, so that DEL may delete the interface inside it.</param>
    public async Task TearDownAsync(StoredEndpoint endpoint, bool maySandboxServe)
    {
        if (AttachmentOf(endpoint) is { } attachment)
        {
            using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
            var last = "";
            await runtime.DeleteAsync(attachment,
                PlacesFor(endpoint, attachment, maySandboxServe).Select(place => last = place), deadline.Token);
            TornDown(last.Length > 0 ? last : "place");
        }
        holding.Remove(endpoint);
        RemoveStray(endpoint);
    }

    /// <summary>
    /// Forgets an endpoint of which nothing is in the kernel, where none of its plugins keeps anything outside this host.
    /// </summary>
    /// <returns>Whether that is so.</returns>
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
        RemoveStray(endpoint);
        return true;
    }

    /// <summary>The same by hand: where DEL fails the attachment is forgotten. Answers what has come of it, for people.</summary>
    public async Task<string> ReleaseAsync(StoredEndpoint endpoint, bool maySandboxServe)
    {
        var line = AttachmentOf(endpoint) is { } attachment
            ? await Release.RunAsync(runtime, attachment, () => TearDownAsync(endpoint, maySandboxServe))
            : $"released {endpoint.ListName}/{endpoint.Id}: it had no attachment";
        holding.Remove(endpoint);
        RemoveStray(endpoint);
        return line;
    }

    /// <summary>Whether rules may still stand for the endpoint's ports.</summary>
    public bool MayHavePortRules(StoredEndpoint endpoint) => PortRules.MayStand(AttachmentOf(endpoint));

    /// <summary>Maps the endpoint's ports by the <c>portmap</c>s of its list, or none where it has none any more.</summary>
    /// <exception cref="CniException">A plugin refused.</exception>
    public async Task PublishAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        var attachment = AttachmentOf(endpoint) ?? throw new InvalidOperationException("ports of an endpoint without an attachment");
        JsonElement? ports = endpoint.Ports.Count > 0 ? ListJson.Element(AttachmentPlan.Mappings(endpoint.Ports)) : null;
        if (attachment.List.HasCapability(CapabilityNames.HandOver))
        {
            await runtime.ChangeCapabilityAsync(attachment, CapabilityNames.PortMappings, ports, "", cancel);
            return;
        }
        // portmap enters no namespace; an executable wants to see one all the same (cni skel.go, since 1.2), and up to Docker 27 there is
        // none yet.
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

    /// <summary>Whether ports may be mapped for it.</summary>
    public bool MayBePublished(StoredEndpoint endpoint) =>
        AttachmentOf(endpoint)?.Capabilities.ContainsKey(CapabilityNames.PortMappings) == true;

    private Attachment? AttachmentOf(StoredEndpoint endpoint) =>
        runtime.Find(NetworkName.Parse(endpoint.ListName), ContainerId.Parse(endpoint.Id), HoldingNamespaces.IfName);

    /// <summary>
    /// Where DEL is tried, in turn: with the interface, or the first time with another in its place; in an empty namespace; in none. An
    /// interface that is still there after a refusal is kept at hand for two more tries: what a plugin has against it may pass.
    /// </summary>
    private IEnumerable<string> PlacesFor(StoredEndpoint endpoint, Attachment attachment, bool maySandboxServe)
    {
        if (attachment.List.HasCapability(CapabilityNames.HandOver))
        {
            yield return "";
            yield break;
        }
        var isFirst = attachment.FailedDels == 0;
        if (maySandboxServe && Sandbox.HasInterface(endpoint, HoldingNamespaces.IfName))
        {
            yield return endpoint.SandboxKey;
            if (Sandbox.HasInterface(endpoint) && attachment.FailedDels < TriesWithInterface)
                yield break;
            yield return endpoint.SandboxKey;
        }
        else if (TryTakeBack(endpoint, attachment))
        {
            yield return holding.PathOf(endpoint);
            if (HoldsInterface(endpoint) && attachment.FailedDels < TriesWithInterface)
                yield break;
            yield return holding.PathOf(endpoint);
        }
        else
        {
            LinkFinder.Cut(endpoint.Link, attachment.List);
            if (isFirst && TryCreatePlaceholder(endpoint, attachment))
            {
                yield return holding.PathOf(endpoint);
                HoldingNamespaces.RemovePlaceholder(holding.PathOf(endpoint));
            }
            yield return holding.PathOf(endpoint);
        }
        yield return "";
    }

    // After a DEL that has failed it is not worth another one that the interface cannot be moved.
    private bool TryTakeBack(StoredEndpoint endpoint, Attachment attachment)
    {
        try
        {
            return TakeBack(endpoint, attachment.Result);
        }
        catch (LinuxException fault) when (attachment.FailedDels > 0)
        {
            NotTakenBack(fault.Message);
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
            NotTakenBack(fault.Message);
            HoldingNamespaces.RemovePlaceholder(holding.PathOf(endpoint)); // half of one
            return false;
        }
    }

    // Into the holding namespace, which there is afterwards. Says whether there was an interface.
    private bool TakeBack(StoredEndpoint endpoint, CniResult? result)
    {
        if (holding.Exists(endpoint) && HoldsInterface(endpoint))
            return true;

        using var space = holding.Exists(endpoint) ? NetworkNamespace.Open(holding.PathOf(endpoint)) : holding.Create(endpoint);
        SecondaryInterfaces.TakeBack(endpoint, space);
        // The host first, where it is there for certain: inside, another one may have been given its MAC.
        if (!FromHost(endpoint, space, isCertain: true) && !Sandbox.TakeOut(endpoint, space, HoldingNamespaces.IfName)
            && !FromHost(endpoint, space, isCertain: false))
            return false;
        using var route = RouteSocket.OpenIn(space);
        HoldingNamespaces.RestoreAddresses(route, result);
        return true;
    }

    private bool HoldsInterface(StoredEndpoint endpoint)
    {
        using var space = NetworkNamespace.Open(holding.PathOf(endpoint));
        using var route = RouteSocket.OpenIn(space);
        return route.FindLink(HoldingNamespaces.IfName.ToString()) is not null;
    }

    private static bool FromHost(StoredEndpoint endpoint, NetworkNamespace space, bool isCertain)
    {
        using var route = RouteSocket.Open();
        if (LinkFinder.FindOnHost(endpoint.Link, endpoint.HostName, route) is not { } link
            || (isCertain && link.Index != endpoint.Link?.Index))
            return false;
        route.MoveTo(link.Index, space, HoldingNamespaces.IfName.ToString());
        return true;
    }

    /// <summary>
    /// The end of an endpoint that is not on record, the state being lost: where its interface is back on the host, the DEL of its
    /// network's list, then the interface. Does nothing where there is none: an endpoint that has gone is mentioned once more.
    /// </summary>
    /// <param name="network">Its network; null where that is not known either, and no DEL can be run.</param>
    /// <param name="unrecorded">Its id and its network's, as far as known.</param>
    public async Task TearDownUnrecordedAsync(StoredNetwork? network, StoredEndpoint unrecorded)
    {
        using var route = RouteSocket.Open();
        if (route.FindLink(unrecorded.HostName) is null)
            return;
        if (network is not null)
        {
            using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
            var (list, request) = AttachmentPlan.For(network, unrecorded, netns: "");
            await runtime.DeleteAsync(list, request, deadline.Token);
        }
        RemoveStray(unrecorded);
        UnrecordedTornDown();
    }

    // A plugin that does not delete on DEL what it made on ADD would leave the moved interface on the host; and libnetwork brings out
    // whatever has its name inside.
    private static void RemoveStray(StoredEndpoint endpoint)
    {
        using var route = RouteSocket.Open();
        if (route.FindLink(endpoint.HostName) is { } link)
            route.DeleteLink(link.Index);
    }

    private static void RefuseOtherAddresses(StoredEndpoint endpoint, CniResult result)
    {
        var wanted = endpoint.Addresses.Count > 0 ? endpoint.Addresses : endpoint.RequestedIps;
        if (result.Ips.Count > 0 && new AddressRequest(wanted, endpoint.Mac).FirstMissingFrom(result) is { } missing)
        {
            var given = string.Join(", ", result.Ips.Select(ip => ip.Address.Address));
            throw new RefusedException(endpoint.Addresses.Count > 0
                ? $"Docker chose {missing}, the list's IPAM gave {given}: create the network with --ipam-driver null to let the list choose"
                : $"{missing} was asked for with {AttachmentPlan.IpsKey}, the list's IPAM gave {given}: it takes no wish; leave "
                    + $"{AttachmentPlan.IpsKey} away");
        }
    }

    [LoggerMessage(LogLevel.Warning, "removed the interface of an endpoint that is not on record; what its list's IPAM gave it may still "
        + "be taken; where no other runtime uses the list: cnid gc LIST --builtin always")]
    private partial void UnrecordedTornDown();

    [LoggerMessage(LogLevel.Information, "unmade in {Place}")]
    private partial void TornDown(string place);

    [LoggerMessage(LogLevel.Warning, "the interface could not be taken back for its DEL, which goes on without it: {Reason}")]
    private partial void NotTakenBack(string reason);
}
