using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.State;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>Moves the interfaces of a list other than the one that Docker moves: into the sandbox, and back for DEL.</summary>
internal sealed class SecondaryInterfaces(HoldingNamespaces holding)
{
    /// <summary>
    /// Moves secondary interfaces into the sandbox. Returns the sandbox's index of each interface by its old index, and its name by its old
    /// name.
    /// </summary>
    public (Dictionary<int, int> Indexes, Dictionary<string, string> Names) MoveIn(
        StoredEndpoint endpoint, NetnsDelta delta, NetworkNamespace netns, RouteSocket inside, Link main, List<string> faults)
    {
        var indexes = new Dictionary<int, int>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var outside in delta.Links)
        {
            Link? link;
            if (outside.Name == "lo")
                link = inside.FindLink("lo");
            else if (outside.Name == HoldingNamespaces.IfName.ToString())
                link = main;
            else
                link = Find(netns, inside, outside) ?? MoveIn(endpoint, outside, inside, faults);
            if (link is not null)
                (indexes[outside.Index], names[outside.Name]) = (link.Index, link.Name);
        }
        if (holding.Exists(endpoint) && Of(delta).All(link => indexes.ContainsKey(link.Index)))
            holding.Remove(endpoint);
        return (indexes, names);
    }

    /// <summary>Moves secondary interfaces back from the sandbox, so that DEL finds them where ADD left them.</summary>
    public static void MoveBack(StoredEndpoint endpoint, NetworkNamespace holding)
    {
        if (endpoint.NetnsDelta is not { } delta || !Sandbox.Exists(endpoint))
            return;
        using var netns = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(netns);
        foreach (var secondary in Of(delta))
        {
            if (Find(netns, inside, secondary) is { } link)
                inside.MoveTo(link.Index, holding, secondary.Name);
        }
    }

    /// <summary>The interfaces other than <c>lo</c> and the one that Docker moves.</summary>
    public static IEnumerable<DeltaLink> Of(NetnsDelta delta) =>
        delta.Links.Where(link => link.Name != "lo" && link.Name != HoldingNamespaces.IfName.ToString());

    private Link? MoveIn(StoredEndpoint endpoint, DeltaLink outside, RouteSocket inside, List<string> faults)
    {
        if (endpoint.IsReplayed || !holding.Exists(endpoint))
            return null;
        try
        {
            using var netns = NetworkNamespace.Open(holding.PathOf(endpoint));
            using var there = RouteSocket.OpenIn(netns);
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

    private static Link? Find(NetworkNamespace netns, RouteSocket inside, DeltaLink outside) =>
        outside.Identity is null && outside.Mac.Length == 0
            ? inside.FindLink(NameInside(outside, null))
            : LinkFinder.Find(outside.Identity, outside.Mac, netns, inside);

    // Docker uses eth and a number, and fails if the name is taken.
    private static string NameInside(DeltaLink outside, RouteSocket? inside)
    {
        var name = outside.Name.StartsWith("eth", StringComparison.Ordinal) ? "cni" + outside.Name : outside.Name;
        name = name[..Math.Min(15, name.Length)];
        for (var number = 1; inside?.FindLink(name) is not null; number++)
            name = $"{outside.Name[..Math.Min(10, outside.Name.Length)]}-{number}";
        return name;
    }
}
