using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Lists;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>Translates an endpoint into the arguments of ADD: the list and the request.</summary>
internal static class AttachmentPlan
{
    /// <summary>The driver option of an endpoint that requests addresses from the list's IPAM.</summary>
    public const string IpsKey = "cni.ips";

    /// <param name="network">The endpoint's network.</param>
    /// <param name="endpoint">The endpoint's record.</param>
    /// <param name="netns">CNI_NETNS; empty where the interface is created in the host's namespace.</param>
    public static (NetworkList List, AttachmentRequest Request) For(StoredNetwork network, StoredEndpoint endpoint, string netns)
    {
        var request = new AttachmentRequest
        {
            ContainerId = ContainerId.Parse(endpoint.Id),
            NetNs = netns,
            IfName = HoldingNamespaces.IfName,
            Args = [.. endpoint.Args],
            Capabilities = Capabilities(endpoint),
        };
        if (network.Bridge is { } bridge)
            return Request([]).ApplyTo(BridgeList.WithAddresses(network.List, bridge, endpoint.Addresses), request);
        // Reserved addresses are not requested: static would use the request in place of its configuration, and lose the gateway.
        if (endpoint.Ipam is { } reserved)
            return Request([]).ApplyTo(WithIpam(network.List, reserved), request);
        // Docker does not tell which of its addresses were requested with --ip.
        return endpoint.Addresses.Count > 0
            ? Request(endpoint.Addresses).ApplyTo(network.List, request)
            : (Request(endpoint.RequestedIps) with { IsExplicit = true }).ApplyTo(network.List, request);

        AddressRequest Request(IReadOnlyList<string> ips) => new(ips, endpoint.Mac);
    }

    private static NetworkList WithIpam(NetworkList list, JsonElement ipam) =>
        list.With(list.MainIndex, list.Main!.With("ipam", JsonObject.Create(ipam)!));

    private static Dictionary<string, JsonElement> Capabilities(StoredEndpoint endpoint)
    {
        var capabilities = new Dictionary<string, JsonElement>();
        if (endpoint.Ports.Count > 0)
            capabilities[CapabilityNames.PortMappings] = ListJson.Element(Mappings(endpoint.Ports));
        foreach (var (name, json) in endpoint.Capabilities)
            capabilities[name] = ListJson.Element(JsonNode.Parse(json)!);
        capabilities[CapabilityNames.HandOver] = ListJson.Element(endpoint.HostName);
        return capabilities;
    }

    /// <summary>The value of the capability <see cref="CapabilityNames.PortMappings"/>.</summary>
    public static JsonNode Mappings(IEnumerable<PublishedPort> ports) => new JsonArray([.. ports.Select(PortMapping)]);

    /// <summary>Parses such a value. Skips what is not a mapping, since it may come from an administrator.</summary>
    public static IReadOnlyList<PublishedPort> Ports(JsonElement mappings) => mappings.ValueKind == JsonValueKind.Array
        ? [.. mappings.EnumerateArray().Where(mapping => mapping.ValueKind == JsonValueKind.Object)
            .Select(mapping => Port(JsonObject.Create(mapping)!))]
        : [];

    private static PublishedPort Port(JsonObject mapping) =>
        new(mapping["protocol"]?.ToString()
            ?? "tcp", mapping["hostIP"]?.ToString() ?? "", Number(mapping["hostPort"]), Number(mapping["containerPort"]));

    private static int Number(JsonNode? node) => int.TryParse(node?.ToString(), out var number) ? number : 0;

    private static JsonNode PortMapping(PublishedPort port)
    {
        var mapping = new JsonObject { ["hostPort"] = port.HostPort, ["containerPort"] = port.ContainerPort, ["protocol"] = port.Protocol };
        if (port.HostIp.Length > 0)
            mapping["hostIP"] = port.HostIp;
        return mapping;
    }
}
