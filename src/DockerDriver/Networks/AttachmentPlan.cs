using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>Translates an endpoint into what CNI's ADD is given: the list, and the request for it.</summary>
internal static class AttachmentPlan
{
    /// <summary>The name in the holding namespace, where every attachment is alone, and the one plugins remember. libnetwork names it anew inside.</summary>
    public static readonly InterfaceName IfName = InterfaceName.Parse("eth0");

    /// <summary>
    /// The capability of the built-in bridge that leaves the container's end in the host's namespace, under a name, for Docker to move:
    /// no holding namespace, and one move less.
    /// </summary>
    public const string HandOver = "handOver";

    public static NetworkList List(StoredNetwork network, StoredEndpoint endpoint)
    {
        var json = network.List;
        if (network.Bridge is { } bridge)
            json = BridgeList.WithAddresses(json, bridge, endpoint.Addresses);
        else if (endpoint.Ipam is { } reserved)
            json = ListJson.WithIpam(json, reserved);
        else if (Wishes(endpoint) is { Count: > 0 } wishes && !ListJson.Asks(json, "ips"))
            json = ListJson.WithAddressesInArgs(json, wishes);
        return network.ParseList(json);
    }

    public static AttachmentRequest Request(StoredNetwork network, StoredEndpoint endpoint, string netns) => new()
    {
        ContainerId = ContainerId.Parse(endpoint.Id),
        NetNs = netns,
        IfName = IfName,
        Args = Args(network, endpoint),
        Capabilities = Capabilities(endpoint),
    };

    // The conventions a list may understand for a wish (CNI CONVENTIONS.md): the ips capability, args.cni.ips, CNI_ARGS IP=.
    private static List<KeyValuePair<string, string>> Args(StoredNetwork network, StoredEndpoint endpoint)
    {
        List<KeyValuePair<string, string>> args = [.. endpoint.Args];
        if (network.Bridge is not null)
            return args;
        if (args.All(arg => arg.Key != "IgnoreUnknown"))
            args.Insert(0, new("IgnoreUnknown", "1"));
        if (endpoint.Mac.Length > 0)
            args.Add(new("MAC", endpoint.Mac));
        if (Wishes(endpoint) is { Count: > 0 } wishes && !ListJson.Asks(network.List, "ips"))
            args.Add(new("IP", AsArgument(wishes[0], network)));
        return args;
    }

    // static wants the prefix length, host-local before 0.9 does not take one.
    private static string AsArgument(string address, StoredNetwork network) =>
        ListIpam.Of(network.ParseList()).Type == "static" ? address : CidrAddress.Parse(address).Address.ToString();

    /// <summary>The addresses that ADD is asked for. Reserved ones are not: static would take the wish in the place of its configuration, and drop the gateway with it.</summary>
    private static IReadOnlyList<string> Wishes(StoredEndpoint endpoint) =>
        endpoint.Ipam is not null ? [] : endpoint.Addresses.Count > 0 ? endpoint.Addresses : endpoint.Wished;

    private static Dictionary<string, JsonElement> Capabilities(StoredEndpoint endpoint)
    {
        var capabilities = new Dictionary<string, JsonNode?>();
        if (endpoint.Mac.Length > 0)
            capabilities["mac"] = endpoint.Mac;
        if (Wishes(endpoint) is { Count: > 0 } wishes)
            capabilities["ips"] = new JsonArray([.. wishes.Select(address => (JsonNode)address)]);
        capabilities[HandOver] = endpoint.HostName;
        if (endpoint.Ports.Count > 0)
            capabilities["portMappings"] = PortMappings(endpoint.Ports);
        foreach (var (name, json) in endpoint.Capabilities)
            capabilities[name] = JsonNode.Parse(json);
        return capabilities.ToDictionary(capability => capability.Key, capability => ListJson.Element(capability.Value!));
    }

    /// <summary>The value of the capability <c>portMappings</c> (CNI CONVENTIONS.md).</summary>
    public static JsonNode PortMappings(IEnumerable<PublishedPort> ports) => new JsonArray([.. ports.Select(PortMapping)]);

    private static JsonNode PortMapping(PublishedPort port)
    {
        var mapping = new JsonObject { ["hostPort"] = port.HostPort, ["containerPort"] = port.ContainerPort, ["protocol"] = port.Protocol };
        if (port.HostIp.Length > 0)
            mapping["hostIP"] = port.HostIp;
        return mapping;
    }
}
