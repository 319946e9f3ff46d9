using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Networks;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>A wish and the list it names: what ADD is given, and whether its answer is what was asked for.</summary>
internal sealed record PlannedAttachment(NetworkWish Wish, NetworkList Found)
{
    private const string Ips = "ips";
    private const string Mac = "mac";
    private const string Ports = "portMappings";
    private readonly JsonElement json = ListJson.Of(Found);

    /// <summary>Whether it can publish ports.</summary>
    public bool TakesPorts => ListJson.Asks(json, Ports);

    /// <summary>Finds the list.</summary>
    /// <exception cref="CniConfigException">There is none of the name.</exception>
    /// <exception cref="RefusedException">A label gives a capability that no plugin of it takes.</exception>
    public static PlannedAttachment Resolve(NetworkWish wish, NetworkListFolder folder)
    {
        var plan = new PlannedAttachment(wish, folder.Find(wish.Network));
        if (wish.Capabilities.Keys.FirstOrDefault(name => !ListJson.Asks(plan.json, name)) is { } unknown)
            throw ContainerLabels.Wrong($"cni.{wish.Network}.capability.{unknown}", $"no plugin of the list {wish.Network} takes it; add \"capabilities\":{{\"{unknown}\":true}} to the one that is meant, or remove the label");
        return plan;
    }

    public NetworkList List => Wish.Ips.Count == 0 || ListJson.Asks(json, Ips)
        ? Found
        : NetworkListParser.Parse(ListJson.Bytes(ListJson.WithAddressesInArgs(json, Wish.Ips)), Found.Source);

    public AttachmentRequest Request(string container, string netns, IReadOnlyList<PublishedPort> ports) => new()
    {
        ContainerId = ContainerId.Parse(container),
        NetNs = netns,
        IfName = Wish.IfName,
        Args = Args(),
        Capabilities = Capabilities(ports),
    };

    /// <exception cref="RefusedException">It is not what a label asked for: the plugins take no such wish.</exception>
    public void RefuseOther(CniResult result)
    {
        var given = result.Ips.Select(ip => ip.Address.Address).ToList();
        if (Wish.Ips.FirstOrDefault(ip => !given.Contains(AddressOf(ip))) is { } missing)
            throw ContainerLabels.Wrong($"cni.{Wish.Network}.ips", $"the IPAM of {Wish.Network} gave {string.Join(", ", given)}, not {missing}; use one that takes wishes (host-local, static), or remove the label");
        var mac = result.Interfaces.FirstOrDefault(one => one.Name == Wish.IfName.ToString() && !string.IsNullOrEmpty(one.Sandbox))?.Mac;
        if (Wish.Mac.Length > 0 && !string.IsNullOrEmpty(mac) && !string.Equals(mac, Wish.Mac, StringComparison.OrdinalIgnoreCase))
            throw ContainerLabels.Wrong($"cni.{Wish.Network}.mac", $"the plugins of {Wish.Network} gave {mac}; add \"capabilities\":{{\"mac\":true}} to the one that is meant, or remove the label");
    }

    /// <summary>Whether IPv6 may be given: it is asked for, or the list speaks of it.</summary>
    public bool MayGiveIPv6 => Wish.Ips.Any(ip => ip.Contains(':', StringComparison.Ordinal)) || Texts(json).Any(IsIPv6);

    // The conventions a list may understand for a wish (CNI CONVENTIONS.md): a capability where it is asked for, CNI_ARGS otherwise.
    private List<KeyValuePair<string, string>> Args()
    {
        List<KeyValuePair<string, string>> args = [.. Wish.Args];
        if (Wish.Mac.Length > 0 && !ListJson.Asks(json, Mac))
            args.Add(new("MAC", Wish.Mac));
        if (Wish.Ips.Count > 0 && !ListJson.Asks(json, Ips))
            args.Add(new("IP", AddressOf(Wish.Ips[0]).ToString()));
        if (args.Count > 0 && args.All(arg => arg.Key != "IgnoreUnknown"))
            args.Insert(0, new("IgnoreUnknown", "1"));
        return args;
    }

    private Dictionary<string, JsonElement> Capabilities(IReadOnlyList<PublishedPort> ports)
    {
        var capabilities = new Dictionary<string, JsonElement>(Wish.Capabilities);
        if (Wish.Mac.Length > 0 && ListJson.Asks(json, Mac))
            capabilities[Mac] = ListJson.Element(Wish.Mac);
        if (Wish.Ips.Count > 0 && ListJson.Asks(json, Ips))
            capabilities[Ips] = ListJson.Element(new JsonArray([.. Wish.Ips.Select(ip => (JsonNode)ip)]));
        if (ports.Count > 0)
            capabilities[Ports] = ListJson.Element(AttachmentPlan.PortMappings(ports));
        return capabilities;
    }

    private static IPAddress AddressOf(string ip) => IPAddress.Parse(ip.Split('/')[0]);

    private static bool IsIPv6(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text.Split('/')[0], out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    private static IEnumerable<string> Texts(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => [json.GetString()!],
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property => Texts(property.Value)),
        _ => [],
    };
}
