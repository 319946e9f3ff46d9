using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>
/// Applies to the sandbox what the plugins set up in the holding namespace and what a moved interface loses. It leaves existing objects
/// alone, so that it is idempotent and can be resumed after any failure.
/// </summary>
internal sealed partial class SandboxReplay(SecondaryInterfaces secondary, TimeProvider clock, ILogger<SandboxReplay> log)
{
    private const int EEXIST = 17;

    // Docker sets its gateway last. Until then, a connected route that the plugins removed may be the one over which the gateway is
    // reached, and stays. Later changes are the container's own.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    /// <summary>Applies what is missing.</summary>
    /// <param name="endpoint">The endpoint; its sandbox may not exist.</param>
    /// <param name="result">The result of its ADD.</param>
    /// <param name="joined">The answer to its Join.</param>
    /// <param name="isLast">Docker will change nothing more: nothing is waited for.</param>
    /// <returns>The progress, the errors, and the endpoint with the interface indexes of the sandbox.</returns>
    public (ReplayProgress Progress, IReadOnlyList<string> Faults, StoredEndpoint Endpoint) Run(
        StoredEndpoint endpoint, CniResult result, JoinResponse joined, bool isLast)
    {
        if (DeltaOf(endpoint, result) is not { } delta)
            return (ReplayProgress.NothingToDo, [], endpoint);
        if (Sandbox.Find(endpoint) is not { } main)
            return (ReplayProgress.NotReady, [], endpoint);

        using var netns = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(netns);
        var reported = new ReportedRoutes(joined);
        var isReady = main.IsUp && reported.AreSet(inside.Objects(KernelObjectKind.Route)) && HasAddresses(endpoint, result, inside, main);
        if (!isReady && !isLast)
            return (ReplayProgress.NotReady, [], endpoint);

        var faults = new List<string>();
        var (indexes, names) = secondary.MoveIn(endpoint, delta, netns, inside, main, faults);
        var wanted = delta.Objects.Select(item => item.In(indexes, names)).OfType<KernelObject>().ToList();
        if (!endpoint.IsReplayed)
        {
            faults.AddRange(netns.Inside(() => WriteSysctls(endpoint, delta, wanted, names, main.Name)));
            faults.AddRange(Add(inside, wanted.Where(item => item.Kind is KernelObjectKind.Address or KernelObjectKind.Neighbour)));
        }
        var routes = new RouteReplay(inside, reported, [.. indexes.Values]);
        faults.AddRange(routes.Run([.. wanted.Where(item => item.Kind == KernelObjectKind.Route)], endpoint.IsReplayed
            && clock.Since(endpoint.ChangedAt) > Settling, isLast));
        if (!endpoint.IsReplayed)
        {
            faults.AddRange(Add(inside, wanted.Where(item =>
                item.Kind is KernelObjectKind.Rule or KernelObjectKind.Qdisc or KernelObjectKind.TrafficClass or KernelObjectKind.Filter)));
            Replayed(main.Name, delta.Objects.Count, delta.Sysctls.Count, delta.Links.Count - 1);
        }
        return (routes.AwaitsGateway ? ReplayProgress.AwaitsGateway
            : ReplayProgress.Done, faults, WithSandboxIndexes(endpoint, main, indexes));
    }

    /// <summary>
    /// Removes from a sandbox that continues to exist what does not leave with an interface: rules, and objects on <c>lo</c> or on no
    /// interface. Sysctls of the namespace stay: other networks may rely on them.
    /// </summary>
    public static void RemoveReplayed(StoredEndpoint endpoint, CniResult? result)
    {
        if (result is null || DeltaOf(endpoint, result) is not { } delta || Sandbox.Find(endpoint) is not { } main)
            return;
        using var netns = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(netns);
        var lo = inside.FindLink("lo")!.Index;
        var names = new Dictionary<string, string> { [HoldingNamespaces.IfName.ToString()] = main.Name };
        var indexes = new Dictionary<int, int> { [0] = 0, [lo] = lo };
        foreach (var item in delta.Objects.Select(item => item.In(indexes, names)).OfType<KernelObject>())
        {
            try
            {
                if (!item.IsKernelsRoute)
                    inside.Remove(item);
            }
            catch (NetlinkException)
            {
                // already removed
            }
        }
    }

    /// <summary>Whether the plugins set up anything that Docker does not set itself.</summary>
    public static bool IsNeeded(StoredEndpoint endpoint, CniResult? result) =>
        result is not null && DeltaOf(endpoint, result) is not null;

    private static StoredEndpoint WithSandboxIndexes(StoredEndpoint endpoint, Link main, Dictionary<int, int> indexes) => endpoint with
    {
        Link = endpoint.Link is { } link ? link with { Index = main.Index } : null,
        NetnsDelta = endpoint.NetnsDelta is { } delta ? delta with
        {
            Links = [.. delta.Links.Select(item => item.Identity is { } identity
                ? item with { Identity = identity with { Index = indexes.GetValueOrDefault(item.Index) } }
                : item)],
        }
        : null,
    };

    private static NetnsDelta? DeltaOf(StoredEndpoint endpoint, CniResult result) =>
        endpoint.NetnsDelta ?? (result.Interfaces.Any(item => item.Name == endpoint.HostName) ? NetnsSnapshot.DeltaOf(result) : null);

    // libnetwork sets one address per family.
    private static bool HasAddresses(StoredEndpoint endpoint, CniResult result, RouteSocket inside, Link main)
    {
        var reported = endpoint.Addresses.Count > 0
            ? endpoint.Addresses.Select(CidrAddress.Parse)
            : result.Ips.Select(ip => ip.Address).DistinctBy(address => address.Address.AddressFamily);
        var present = inside.Addresses(main.Index).Select(item => item.Address).ToHashSet();
        return reported.All(address => present.Contains(address.Address));
    }

    private List<string> WriteSysctls(
        StoredEndpoint endpoint, NetnsDelta delta, List<KernelObject> wanted, Dictionary<string, string> names, string main)
    {
        var sysctls = delta.Sysctls.ToDictionary(item => NetworkSysctls.Rename(item.Key, names), item => item.Value);
        // libnetwork disables IPv6 where Join's endpoint has no IPv6 address.
        if (wanted.Any(item => item.Kind == KernelObjectKind.Address && item.Family == 10))
        {
            foreach (var name in names.Values)
                sysctls.TryAdd($"ipv6/conf/{name}/disable_ipv6", "0");
        }
        var (all, overridden) = NetworkSysctls.Merge(sysctls, endpoint.Sysctls, main);
        if (overridden.Count > 0)
            Overridden(string.Join("; ", overridden));
        return NetworkSysctls.Write(all);
    }

    // An object that exists with other attributes belongs to another program, and stays.
    private static IEnumerable<string> Add(RouteSocket inside, IEnumerable<KernelObject> wanted) =>
        inside.AddMissing(wanted).Where(fault => fault.Errno != EEXIST).Select(fault => fault.Message);

    [LoggerMessage(LogLevel.Information, "sysctl {Sysctls}")]
    private partial void Overridden(string sysctls);

    [LoggerMessage(LogLevel.Debug, "replayed on {Interface}: {Objects} addresses, routes, rules, neighbours and qdiscs, {Sysctls} sysctls, "
        + "{Links} secondary interfaces; existing objects are unchanged")]
    private partial void Replayed(string @interface, int objects, int sysctls, int links);
}
