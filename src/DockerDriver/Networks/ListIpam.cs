using System.Net;
using System.Text.Json;
using CniCore.Spec;

namespace DockerDriver.Networks;

/// <summary>What can be read of a list's own address management, without running it.</summary>
/// <param name="Type">The IPAM plugin; null where the list manages no addresses.</param>
/// <param name="Subnets">The subnets it gives addresses from; empty where the configuration does not say.</param>
/// <param name="HasFixedAddresses"><c>static</c> with addresses of its own.</param>
internal sealed record ListIpam(string? Type, IReadOnlyList<ListSubnet> Subnets, bool HasFixedAddresses)
{
    public static ListIpam Of(NetworkList list)
    {
        if (!list.Plugins[0].Json.TryGetProperty("ipam", out var ipam) || ipam.ValueKind != JsonValueKind.Object
            || !ipam.TryGetProperty("type", out var type) || type.GetString() is not { Length: > 0 } name)
            return new(null, [], false);
        var fixedAddresses = ipam.TryGetProperty("addresses", out var addresses) && addresses.ValueKind == JsonValueKind.Array && addresses.GetArrayLength() > 0;
        return new(name, name == "host-local" ? HostLocal(ipam) : [], fixedAddresses);
    }

    // host-local: "ranges" is a list of sets, each a list of ranges; an older form has the one range in the section itself.
    private static List<ListSubnet> HostLocal(JsonElement ipam)
    {
        List<JsonElement> ranges = [ipam];
        if (ipam.TryGetProperty("ranges", out var sets) && sets.ValueKind == JsonValueKind.Array)
            ranges.AddRange(sets.EnumerateArray().Where(set => set.ValueKind == JsonValueKind.Array).SelectMany(set => set.EnumerateArray()));
        return [.. ranges.Select(Subnet).OfType<ListSubnet>()];
    }

    private static ListSubnet? Subnet(JsonElement range)
    {
        if (!range.TryGetProperty("subnet", out var subnet) || !CidrAddress.TryParse(subnet.GetString(), out var cidr))
            return null;
        var gateway = range.TryGetProperty("gateway", out var named) && IPAddress.TryParse(named.GetString(), out var parsed)
            ? parsed
            : First(cidr.Network);
        return new(cidr.Network, gateway);
    }

    private static IPAddress First(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new(bytes);
    }
}
