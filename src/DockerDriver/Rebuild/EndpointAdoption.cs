using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CniCore.Runtime;
using CniCore.Spec;
using Docker.DotNet.Models;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Dhcp;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.HostPorts;
using DockerDriver.Lists;
using DockerDriver.Logging;
using DockerDriver.NetworkDriver;
using DockerDriver.Sandboxes;
using DockerDriver.State;
using EngineBinding = Docker.DotNet.Models.PortBinding;
using PortBinding = DockerDriver.Protocol.PortBinding;

namespace DockerDriver.Rebuild;

/// <summary>
/// Records endpoints of running containers again after the state was lost. Their interfaces work and are not changed; when they end, DEL
/// runs with what is known of their ADD.
/// </summary>
internal sealed partial class EndpointAdoption(
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    HoldingNamespaces holding,
    PortReservations ports,
    KeyedLocks locks,
    CniRuntime runtime,
    EngineClient engine,
    Boot boot,
    TimeProvider clock,
    ILogger<EndpointAdoption> log)
{
    private static readonly HashSet<AddressFamily> None = [];

    /// <exception cref="EngineException">The engine does not describe a container.</exception>
    public async Task RunAsync(IEnumerable<ContainerListResponse> running, CancellationToken cancel)
    {
        foreach (var container in running)
        {
            List<EndpointSettings> unrecorded = [.. (container.NetworkSettings?.Networks?.Values ?? []).Where(IsUnrecorded)];
            if (unrecorded.Count == 0)
                continue;
            var seen = await engine.InspectRunningAsync(container.ID, cancel);
            var published = Published(seen);
            foreach (var endpoint in unrecorded)
            {
                if (await TryAdoptAsync(endpoint, seen, published, cancel))
                    published = [];
            }
        }
    }

    private bool IsUnrecorded(EndpointSettings endpoint) =>
        endpoint.EndpointID is { Length: > 0 } id && networks.Find(endpoint.NetworkID ?? "") is not null && endpoints.Find(id) is null;

    private async Task<bool> TryAdoptAsync(
        EndpointSettings settings, ContainerInspectResponse container, IReadOnlyList<PortBinding> published, CancellationToken cancel)
    {
        using var scope = log.BeginAttachment(settings.EndpointID);
        using var held = await locks.TakeAsync(settings.EndpointID, cancel);
        if (!IsUnrecorded(settings) || networks.Find(settings.NetworkID) is not { } network)
            return false;
        try
        {
            var endpoint = EndpointOf(settings, network, container.NetworkSettings?.SandboxKey ?? "", published);
            if (Sandbox.Find(endpoint) is not { } link)
                return false; // it has ended, or is being disconnected
            if (endpoint.IsLeased)
                endpoint = endpoint with { LeaseInterface = link.Name }; // its DHCP client is running
            network = await BridgeList.UpdateAsync(network, runtime, cancel);
            var netns = network.List.HasCapability(CapabilityNames.HandOver) ? "" : holding.PathOf(endpoint);
            var (list, request) = AttachmentPlan.For(network, endpoint, netns);
            await runtime.AdoptAsync(list, request, ResultOf(settings, endpoint, request), cancel);
            endpoints.Save(endpoint);
            var lost = ports.Reclaim(endpoint.Id, endpoint.SandboxKey, endpoint.Ports);
            Adopted(container.Name.TrimStart('/'), network.ListName, string.Join(", ", lost));
            if (network.Pools.Count > 0)
                Reserved(network.ListName, string.Join(", ", endpoint.Addresses));
            return endpoint.Ports.Count > 0 || endpoint.OpenPorts.Count > 0;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            NotAdopted(container.Name.TrimStart('/'), network.ListName, fault.Message);
            return false;
        }
    }

    private StoredEndpoint EndpointOf(EndpointSettings settings, StoredNetwork network, string sandbox,
        IReadOnlyList<PortBinding> published)
    {
        var shown = new CniResult { Ips = [.. Addresses(settings)] };
        if (!network.List.HasCapability(CapabilityNames.PortMappings))
            published = [];
        IReadOnlyList<string> addresses = [.. Addresses(settings).Select(address => address.Address.ToString())];
        return new()
        {
            Id = settings.EndpointID,
            NetworkId = network.Id,
            ListName = network.ListName,
            Phase = EndpointPhase.Joined,
            Addresses = network.UsesListIpam ? [] : addresses,
            Ipam = network.Pools.Count > 0 ? ReservedAddresses.SectionOf(Addresses(settings)) : null,
            Mac = settings.MacAddress ?? "",
            // Only ports that the user named: the engine does not know those that cnid chose. Their rules have the endpoint's id.
            Ports = [.. PublishablePorts.Of(shown, published, mayProxy: true, None, network.Bridge)
                .Where(port => port.HostPort > 0).Select(PortOf)],
            OpenPorts = PublishablePorts.Open(shown, published, None, network.Bridge),
            SandboxKey = sandbox,
            IsReplayed = true,
            IsLeased = DhcpConfig.IsLeased(network.List),
            ChangedAt = clock.GetUtcNow(),
            Boot = boot.Id,
        };
    }

    private static CniResult ResultOf(EndpointSettings settings, StoredEndpoint endpoint, AttachmentRequest request) => new()
    {
        Interfaces = [request.NetNs.Length == 0
            ? new() { Name = endpoint.HostName, Mac = endpoint.Mac }
            : new() { Name = request.IfName.ToString(), Mac = endpoint.Mac, Sandbox = request.NetNs }],
        Ips = [.. Addresses(settings).Select(address => address with { Interface = 0 })],
    };

    private static IEnumerable<CniAddress> Addresses(EndpointSettings settings)
    {
        if (AddressText.TryParse(settings.IPAddress, out var ipv4))
            yield return new() { Address = new(ipv4, (int)settings.IPPrefixLen), Gateway = Parsed(settings.Gateway) };
        if (AddressText.TryParse(settings.GlobalIPv6Address, out var ipv6))
            yield return new() { Address = new(ipv6, (int)settings.GlobalIPv6PrefixLen), Gateway = Parsed(settings.IPv6Gateway) };
    }

    private static IPAddress? Parsed(string? address) => AddressText.TryParse(address, out var parsed) ? parsed : null;

    private static PublishedPort PortOf(PortBinding port) =>
        new(PortReservations.Protocol(port.Proto), port.HostIp ?? "", port.HostPort, port.Port);

    private static IReadOnlyList<PortBinding> Published(ContainerInspectResponse container) =>
    [
        .. from bound in container.HostConfig?.PortBindings ?? new Dictionary<string, IList<EngineBinding>>()
           let inside = bound.Key.Split('/')
           from binding in bound.Value ?? []
           let ip = binding.HostIP is null or "0.0.0.0" or "::" ? "" : binding.HostIP
           let outside = NumberOf(binding.HostPort)
           select new PortBinding(NumberOfProtocol(inside), NumberOf(inside[0]), ip, outside, outside),
    ];

    private static int NumberOfProtocol(string[] inside) => inside.ElementAtOrDefault(1) switch { "udp" => 17, "sctp" => 132, _ => 6 };

    private static int NumberOf(string? port) =>
        ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [LoggerMessage(LogLevel.Warning, "recorded again: the running container {Container} on the list {List}. "
        + "Ports that another process uses: {Lost}")]
    private partial void Adopted(string container, string list, string lost);

    [LoggerMessage(LogLevel.Warning, "list {List}: its IPAM holds {Addresses} for an id that was lost; "
        + "when the container has ended, and no other runtime uses the list, release them with: cnid gc {List} --builtin always")]
    private partial void Reserved(string list, string addresses);

    [LoggerMessage(LogLevel.Error, "the running container {Container} on the list {List} cannot be recorded: {Reason}. "
        + "Its network works; after its end, cnid doctor finds what remains")]
    private partial void NotAdopted(string container, string list, string reason);
}
