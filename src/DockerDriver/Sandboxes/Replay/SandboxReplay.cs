using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>
/// Gives a sandbox what the plugins left in the holding namespace and a moved interface loses. Whatever is there already stays: right to
/// repeat, from any point at which it was broken off.
/// </summary>
internal sealed partial class SandboxReplay(SecondaryInterfaces further, TimeProvider clock, ILogger<SandboxReplay> log)
{
    private const int EEXIST = 17;

    // Docker sets its gateway last. Until then, a connected route that the plugins took away may be what it is reached by, and stays;
    // later, all is the container's own.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    /// <summary>Carries over what is not there.</summary>
    /// <param name="endpoint">Whose sandbox it is.</param>
    /// <param name="result">What its ADD answered.</param>
    /// <param name="joined">What Docker was told at Join.</param>
    /// <param name="isLast">Docker has done all it will: nothing more is waited for.</param>
    /// <returns>How far it is, what could not be done, and the endpoint with the numbers that its interfaces have inside.</returns>
    public (ReplayProgress Progress, IReadOnlyList<string> Faults, StoredEndpoint Seen) Carry(
        StoredEndpoint endpoint, CniResult result, Joined joined, bool isLast)
    {
        if (DeltaOf(endpoint, result) is not { } delta)
            return (ReplayProgress.NothingToDo, [], endpoint);
        if (Sandbox.Find(endpoint) is not { } main)
            return (ReplayProgress.NotReady, [], endpoint);

        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(space);
        var told = new ReportedRoutes(joined);
        var isReady = main.IsUp && told.AreSet(inside.Objects(KernelObjectKind.Route)) && AreThere(endpoint, result, inside, main);
        if (!isReady && !isLast)
            return (ReplayProgress.NotReady, [], endpoint);

        var faults = new List<string>();
        var (indexes, names) = further.Bring(endpoint, delta, space, inside, main, faults);
        var wanted = delta.Objects.Select(one => one.In(indexes, names)).OfType<KernelObject>().ToList();
        if (!endpoint.IsReplayed)
        {
            faults.AddRange(space.Inside(() => WriteSysctls(endpoint, delta, wanted, names, main.Name)));
            faults.AddRange(Add(inside, wanted.Where(one => one.Kind is KernelObjectKind.Address or KernelObjectKind.Neighbour)));
        }
        var routes = new RouteReplay(inside, told, [.. indexes.Values]);
        faults.AddRange(routes.Carry([.. wanted.Where(one => one.Kind == KernelObjectKind.Route)], endpoint.IsReplayed
            && clock.Since(endpoint.ChangedAt) > Settling, isLast));
        if (!endpoint.IsReplayed)
        {
            faults.AddRange(Add(inside, wanted.Where(one =>
                one.Kind is KernelObjectKind.Rule or KernelObjectKind.Qdisc or KernelObjectKind.TrafficClass or KernelObjectKind.Filter)));
            Carried(main.Name, delta.Objects.Count, delta.Sysctls.Count, delta.Links.Count - 1);
        }
        return (routes.AwaitsGateway ? ReplayProgress.AwaitsGateway : ReplayProgress.Done, faults, Seen(endpoint, main, indexes));
    }

    /// <summary>
    /// Takes from a sandbox that lives on what does not leave with an interface: rules, and what is on <c>lo</c> or on none. Sysctls of the
    /// namespace stay: nobody can tell any more whom they serve.
    /// </summary>
    public static void Withdraw(StoredEndpoint endpoint, CniResult? result)
    {
        if (result is null || DeltaOf(endpoint, result) is not { } delta || Sandbox.Find(endpoint) is not { } main)
            return;
        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(space);
        var lo = inside.FindLink("lo")!.Index;
        var names = new Dictionary<string, string> { [HoldingNamespaces.IfName.ToString()] = main.Name };
        var indexes = new Dictionary<int, int> { [0] = 0, [lo] = lo };
        foreach (var one in delta.Objects.Select(one => one.In(indexes, names)).OfType<KernelObject>())
        {
            try
            {
                if (!one.IsKernelsRoute)
                    inside.Remove(one);
            }
            catch (NetlinkException)
            {
                // somebody has taken it away already
            }
        }
    }

    /// <summary>Whether the plugins left anything besides what Docker sets by itself.</summary>
    public static bool HasWork(StoredEndpoint endpoint, CniResult? result) =>
        result is not null && DeltaOf(endpoint, result) is not null;

    private static StoredEndpoint Seen(StoredEndpoint endpoint, Link main, Dictionary<int, int> indexes) => endpoint with
    {
        Link = endpoint.Link is { } link ? link with { Index = main.Index } : null,
        NetnsDelta = endpoint.NetnsDelta is { } delta ? delta with
        {
            Links = [.. delta.Links.Select(one => one.Identity is { } identity
                ? one with { Identity = identity with { Index = indexes.GetValueOrDefault(one.Index) } }
                : one)],
        }
        : null,
    };

    private static NetnsDelta? DeltaOf(StoredEndpoint endpoint, CniResult result) =>
        endpoint.NetnsDelta ?? (result.Interfaces.Any(one => one.Name == endpoint.HostName) ? NetnsSnapshot.Of(result) : null);

    // libnetwork sets one address a family.
    private static bool AreThere(StoredEndpoint endpoint, CniResult result, RouteSocket inside, Link main)
    {
        var told = endpoint.Addresses.Count > 0
            ? endpoint.Addresses.Select(CidrAddress.Parse)
            : result.Ips.Select(ip => ip.Address).DistinctBy(address => address.Address.AddressFamily);
        var present = inside.Addresses(main.Index).Select(one => one.Address).ToHashSet();
        return told.All(address => present.Contains(address.Address));
    }

    private List<string> WriteSysctls(
        StoredEndpoint endpoint, NetnsDelta delta, List<KernelObject> wanted, Dictionary<string, string> names, string main)
    {
        var sysctls = delta.Sysctls.ToDictionary(one => NetworkSysctls.Rename(one.Key, names), one => one.Value);
        // libnetwork switches IPv6 off where it was told no such address.
        if (wanted.Any(one => one.Kind == KernelObjectKind.Address && one.Family == 10))
        {
            foreach (var name in names.Values)
                sysctls.TryAdd($"ipv6/conf/{name}/disable_ipv6", "0");
        }
        var (all, overruled) = NetworkSysctls.Merge(sysctls, endpoint.Sysctls, main);
        if (overruled.Count > 0)
            Overruled(string.Join("; ", overruled));
        return NetworkSysctls.Write(all);
    }

    // What is there in another form is another's making, and stays.
    private static IEnumerable<string> Add(RouteSocket inside, IEnumerable<KernelObject> wanted) =>
        inside.AddMissing(wanted).Where(fault => fault.Errno != EEXIST).Select(fault => fault.Message);

    [LoggerMessage(LogLevel.Information, "sysctl {Sysctls}")]
    private partial void Overruled(string sysctls);

    [LoggerMessage(LogLevel.Debug, "carried over to {Interface}: {Objects} addresses, routes, rules, neighbours and queues, {Sysctls} "
        + "sysctls, {Links} further interfaces; what was there is left")]
    private partial void Carried(string @interface, int objects, int sysctls, int links);
}
