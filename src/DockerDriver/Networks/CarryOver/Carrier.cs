using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Networks.CarryOver;

/// <summary>
/// Gives a sandbox what the plugins left in the holding namespace and a moved interface loses. Whatever is there already stays: right to repeat,
/// from any point at which it was broken off.
/// </summary>
internal sealed partial class Carrier(HoldingNamespaces holding, TimeProvider clock, ILogger<Carrier> log)
{
    private const int EEXIST = 17;

    // Docker sets its gateway last. Until then, a connected route that the plugins took away may be what it is reached by, and stays; later, all is the container's own.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    /// <summary>Carries over what is not there.</summary>
    /// <param name="isLast">Docker has done all it will: nothing more is waited for.</param>
    /// <returns>How far it is, and what could not be done.</returns>
    public (CarryProgress Progress, IReadOnlyList<string> Faults) Carry(StoredEndpoint endpoint, CniResult result, bool isLast)
    {
        if (BelongingsOf(endpoint, result) is not { } belongings)
            return (CarryProgress.Over, []);
        if (Sandbox.Find(endpoint) is not { } main)
            return (CarryProgress.TooEarly, []);

        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(space);
        var told = new ToldRoutes(JoinAnswer.For(endpoint, result));
        var isReady = main.IsUp && told.AreSet(inside.Objects(KernelObjectKind.Route)) && AreThere(endpoint, result, inside, main);
        if (!isReady && !isLast)
            return (CarryProgress.TooEarly, []);

        var faults = new List<string>();
        var (indexes, names) = Links(endpoint, belongings, inside, main, faults);
        var wanted = belongings.Objects.Select(one => one.In(indexes, names)).OfType<KernelObject>().ToList();
        if (!endpoint.IsCarriedOver)
        {
            faults.AddRange(space.Inside(() => WriteSysctls(belongings, wanted, names)));
            faults.AddRange(Add(inside, wanted.Where(one => one.Kind is KernelObjectKind.Address or KernelObjectKind.Neighbour)));
        }
        var routes = new RouteCarrier(inside, told, [.. indexes.Values]);
        faults.AddRange(routes.Carry([.. wanted.Where(one => one.Kind == KernelObjectKind.Route)], endpoint.IsCarriedOver && clock.GetUtcNow() - endpoint.ChangedAt > Settling, isLast));
        if (!endpoint.IsCarriedOver)
        {
            faults.AddRange(Add(inside, wanted.Where(one => one.Kind is KernelObjectKind.Rule or KernelObjectKind.Qdisc or KernelObjectKind.TrafficClass or KernelObjectKind.Filter)));
            Carried(main.Name, belongings.Objects.Count, belongings.Sysctls.Count, belongings.Links.Count - 1);
        }
        return (routes.AwaitsGateway ? CarryProgress.AwaitsGateway : CarryProgress.Done, faults);
    }

    /// <summary>
    /// Takes from a sandbox that lives on what does not leave with an interface: rules, and what is on <c>lo</c> or on none. Sysctls of the
    /// namespace stay: nobody can tell any more whom they serve.
    /// </summary>
    public static void Withdraw(StoredEndpoint endpoint, CniResult? result)
    {
        if (result is null || BelongingsOf(endpoint, result) is not { } belongings || Sandbox.Find(endpoint) is not { } main)
            return;
        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(space);
        var lo = inside.FindLink("lo")!.Index;
        var names = new Dictionary<string, string> { [AttachmentPlan.IfName.ToString()] = main.Name };
        var indexes = new Dictionary<int, int> { [0] = 0, [lo] = lo };
        foreach (var one in belongings.Objects.Select(one => one.In(indexes, names)).OfType<KernelObject>())
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

    /// <summary>Brings further interfaces of the list back from a sandbox, for DEL to find them where ADD has left them.</summary>
    public static void TakeBack(StoredEndpoint endpoint, NetworkNamespace holding)
    {
        if (endpoint.Belongings is not { } belongings || !Sandbox.Exists(endpoint))
            return;
        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(space);
        foreach (var further in Further(belongings))
        {
            if (Find(inside, further) is { } link)
                inside.MoveTo(link.Index, holding, further.Name);
        }
    }

    /// <summary>The interfaces besides the one that Docker moves.</summary>
    public static IEnumerable<BelongingLink> Further(Belongings belongings) =>
        belongings.Links.Where(link => link.Name != "lo" && link.Name != AttachmentPlan.IfName.ToString());

    /// <summary>Whether the plugins left anything besides what Docker sets by itself.</summary>
    public static bool HasWork(StoredEndpoint endpoint, CniResult? result) => result is not null && BelongingsOf(endpoint, result) is not null;

    private static Belongings? BelongingsOf(StoredEndpoint endpoint, CniResult result) =>
        endpoint.Belongings ?? (result.Interfaces.Any(one => one.Name == endpoint.HostName) ? NamespaceState.Of(result) : null);

    // libnetwork sets one address a family.
    private static bool AreThere(StoredEndpoint endpoint, CniResult result, RouteSocket inside, Link main)
    {
        var told = endpoint.Addresses.Count > 0
            ? endpoint.Addresses.Select(CidrAddress.Parse)
            : result.Ips.Select(ip => ip.Address).DistinctBy(address => address.Address.AddressFamily);
        var present = inside.Addresses(main.Index).Select(one => one.Address).ToHashSet();
        return told.All(address => present.Contains(address.Address));
    }

    // What each interface is called inside, by its number and by its name outside. Further ones come in by this.
    private (Dictionary<int, int> Indexes, Dictionary<string, string> Names) Links(StoredEndpoint endpoint, Belongings belongings, RouteSocket inside, Link main, List<string> faults)
    {
        var indexes = new Dictionary<int, int>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var outside in belongings.Links)
        {
            var link = outside.Name == "lo" ? inside.FindLink("lo")
                : outside.Name == AttachmentPlan.IfName.ToString() ? main
                : Find(inside, outside) ?? BringIn(endpoint, outside, inside, faults);
            if (link is not null)
                (indexes[outside.Index], names[outside.Name]) = (link.Index, link.Name);
        }
        if (holding.Exists(endpoint) && Further(belongings).All(link => indexes.ContainsKey(link.Index)))
            holding.Remove(endpoint);
        return (indexes, names);
    }

    private Link? BringIn(StoredEndpoint endpoint, BelongingLink outside, RouteSocket inside, List<string> faults)
    {
        if (endpoint.IsCarriedOver || !holding.Exists(endpoint))
            return null;
        try
        {
            using var space = NetworkNamespace.Open(holding.PathOf(endpoint));
            using var there = RouteSocket.OpenIn(space);
            using var sandbox = NetworkNamespace.Open(endpoint.SandboxKey);
            var name = NameInside(outside, inside);
            there.MoveTo(outside.Index, sandbox, name);
            var link = inside.FindLink(name)!;
            if (outside.IsUp)
                inside.SetUp(link.Index);
            return link;
        }
        catch (NetlinkException fault)
        {
            faults.Add($"interface {outside.Name}: {fault.Message}");
            return null;
        }
    }

    private static Link? Find(RouteSocket inside, BelongingLink outside) => outside.Mac.Length > 0
        ? inside.Links().FirstOrDefault(link => string.Equals(link.Mac, outside.Mac, StringComparison.OrdinalIgnoreCase))
        : inside.FindLink(NameInside(outside, null));

    // eth and a number are Docker's: it would fail over one that it wants to give away itself.
    private static string NameInside(BelongingLink outside, RouteSocket? inside)
    {
        var name = outside.Name.StartsWith("eth", StringComparison.Ordinal) ? "cni" + outside.Name : outside.Name;
        name = name[..Math.Min(15, name.Length)];
        for (var number = 1; inside?.FindLink(name) is not null; number++)
            name = $"{outside.Name[..Math.Min(10, outside.Name.Length)]}-{number}";
        return name;
    }

    private static List<string> WriteSysctls(Belongings belongings, List<KernelObject> wanted, Dictionary<string, string> names)
    {
        var sysctls = belongings.Sysctls.ToDictionary(one => NetworkSysctls.Rename(one.Key, names), one => one.Value);
        // libnetwork switches IPv6 off where it was told no such address.
        if (wanted.Any(one => one.Kind == KernelObjectKind.Address && one.Family == 10))
        {
            foreach (var name in names.Values)
                sysctls.TryAdd($"ipv6/conf/{name}/disable_ipv6", "0");
        }
        return NetworkSysctls.Write(sysctls.OrderBy(one => one.Key, StringComparer.Ordinal));
    }

    // What is there in another form is another's making, and stays.
    private static IEnumerable<string> Add(RouteSocket inside, IEnumerable<KernelObject> wanted) =>
        inside.AddMissing(wanted).Where(fault => fault.Errno != EEXIST).Select(fault => fault.Message);

    [LoggerMessage(LogLevel.Debug, "carried over to {Interface}: {Objects} addresses, routes, rules, neighbours and queues, {Sysctls} sysctls, {Links} further interfaces; what was there is left")]
    private partial void Carried(string @interface, int objects, int sysctls, int links);
}
