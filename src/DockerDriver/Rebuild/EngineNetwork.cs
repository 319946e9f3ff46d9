using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Spec;
using Docker.DotNet.Models;
using DockerDriver.Lists;
using DockerDriver.Protocol;

namespace DockerDriver.Rebuild;

/// <summary>
/// Reconstructs the calls that an engine made for a network when it was created, RequestPool and CreateNetwork, from the engine's
/// description.
/// </summary>
/// <param name="network">The engine's description.</param>
/// <param name="gateways">The gateways of its running containers, since the engine may not describe them.</param>
internal sealed class EngineNetwork(NetworkResponse network, IReadOnlyCollection<IPAddress> gateways)
{
    private const string NullIpam = "null";
    private const string DefaultSpace = "LocalDefault";

    /// <summary>The CreateNetwork call.</summary>
    public CreateNetworkRequest Call(string ipamDriver) =>
        new(network.ID, Options(), [.. Pools(ipamDriver, isIPv6: false)], [.. Pools(ipamDriver, isIPv6: true)]);

    /// <summary>The RequestPool calls; none where another IPAM driver serves it.</summary>
    public IEnumerable<RequestPoolRequest> PoolCalls(string ipamDriver) => network.IPAM?.Driver != ipamDriver ? []
        : Subnets().Select(subnet =>
        new RequestPoolRequest(AddressSpaces.Cni, subnet.Subnet, "",
            (network.IPAM.Options ?? new Dictionary<string, string>()).ToDictionary(), IsIPv6(subnet)));

    private Dictionary<string, JsonElement> Options()
    {
        var options = new Dictionary<string, JsonElement>
        {
            [NetLabel.Generic] = ListJson.Element(
                new JsonObject(network.Options?.Select(option => KeyValuePair.Create(option.Key, (JsonNode?)option.Value)) ?? [])),
            [NetLabel.EnableIPv6] = ListJson.Element(JsonValue.Create(network.EnableIPv6)),
        };
        if (network.Internal)
            options[NetLabel.Internal] = ListJson.Element(JsonValue.Create(true));
        return options;
    }

    private IEnumerable<AddressPool> Pools(string ipamDriver, bool isIPv6)
    {
        var driver = network.IPAM?.Driver ?? "default";
        if (driver == NullIpam)
            return isIPv6 ? [] : [new AddressPool(NullIpam, "0.0.0.0/0")];
        return Subnets().Where(subnet => IsIPv6(subnet) == isIPv6).Select(subnet => new AddressPool(
            driver == ipamDriver ? AddressSpaces.Cni : DefaultSpace,
            subnet.Subnet,
            driver == ipamDriver && string.IsNullOrEmpty(subnet.Gateway)
                ? null
                : $"{GatewayOf(subnet)}/{AddressText.ParseNetwork(subnet.Subnet).PrefixLength}",
            subnet.AuxAddress?.ToDictionary(aux => aux.Key, aux =>
                ListJson.Element($"{aux.Value}/{AddressText.ParseNetwork(subnet.Subnet).PrefixLength}"))));
    }

    private IEnumerable<IPAMConfig> Subnets() => (network.IPAM?.Config ?? []).Where(subnet => !string.IsNullOrEmpty(subnet?.Subnet));

    // Where the user named a subnet and no gateway, the engine's description has no gateway.
    private IPAddress GatewayOf(IPAMConfig subnet)
    {
        if (CidrAddress.TryParse(subnet.Gateway, out var cidr))
            return cidr.Address;
        if (AddressText.TryParse(subnet.Gateway, out var plain))
            return plain;
        var pool = AddressText.ParseNetwork(subnet.Subnet);
        return gateways.FirstOrDefault(pool.Contains)
            ?? EngineGateway.Of(pool, string.IsNullOrEmpty(subnet.IPRange) ? null : AddressText.ParseNetwork(subnet.IPRange));
    }

    private static bool IsIPv6(IPAMConfig subnet) => subnet.Subnet.Contains(':', StringComparison.Ordinal);
}
