using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.State;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>Interfaces of a list besides the one that Docker moves: into the sandbox, and back to where DEL looks for them.</summary>
internal sealed class SecondaryInterfaces(HoldingNamespaces holding)
{
    /// <summary>What each interface is called inside, by its number and by its name outside. Further ones come in by this.</summary>
    public (Dictionary<int, int> Indexes, Dictionary<string, string> Names) Bring(
        StoredEndpoint endpoint, NetnsDelta delta, NetworkNamespace space, RouteSocket inside, Link main, List<string> faults)
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
                link = Find(space, inside, outside) ?? BringIn(endpoint, outside, inside, faults);
            if (link is not null)
                (indexes[outside.Index], names[outside.Name]) = (link.Index, link.Name);
        }
        if (holding.Exists(endpoint) && Of(delta).All(link => indexes.ContainsKey(link.Index)))
            holding.Remove(endpoint);
        return (indexes, names);
    }

    /// <summary>Brings further interfaces of the list back from a sandbox, for DEL to find them where ADD has left them.</summary>
    public static void TakeBack(StoredEndpoint endpoint, NetworkNamespace holding)
    {
        if (endpoint.NetnsDelta is not { } delta || !Sandbox.Exists(endpoint))
            return;
        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        using var inside = RouteSocket.OpenIn(space);
        foreach (var further in Of(delta))
        {
            if (Find(space, inside, further) is { } link)
                inside.MoveTo(link.Index, holding, further.Name);
        }
    }

    /// <summary>The interfaces besides the one that Docker moves.</summary>
    public static IEnumerable<DeltaLink> Of(NetnsDelta delta) =>
        delta.Links.Where(link => link.Name != "lo" && link.Name != HoldingNamespaces.IfName.ToString());

    private Link? BringIn(StoredEndpoint endpoint, DeltaLink outside, RouteSocket inside, List<string> faults)
    {
        if (endpoint.IsReplayed || !holding.Exists(endpoint))
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

    private static Link? Find(NetworkNamespace space, RouteSocket inside, DeltaLink outside) =>
        outside.Identity is null && outside.Mac.Length == 0
            ? inside.FindLink(NameInside(outside, null))
            : LinkFinder.Find(outside.Identity, outside.Mac, space, inside);

    // eth and a number are Docker's: it would fail over one that it wants to give away itself.
    private static string NameInside(DeltaLink outside, RouteSocket? inside)
    {
        var name = outside.Name.StartsWith("eth", StringComparison.Ordinal) ? "cni" + outside.Name : outside.Name;
        name = name[..Math.Min(15, name.Length)];
        for (var number = 1; inside?.FindLink(name) is not null; number++)
            name = $"{outside.Name[..Math.Min(10, outside.Name.Length)]}-{number}";
        return name;
    }
}
