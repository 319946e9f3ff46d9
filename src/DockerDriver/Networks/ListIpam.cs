using System.Net;
using System.Text.Json;
using CniCore.Plugins;
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
        if (IpamSection.Find(list.Plugins[0].Json) is not { } ipam)
            return new(null, [], false);
        var name = ipam.GetProperty("type").GetString();
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
        if (!CidrAddress.TryParse(Text(range, "subnet"), out var cidr))
            return null;
        return new(cidr.Network, AddressText.TryParse(Text(range, "gateway"), out var gateway) ? gateway : First(cidr.Network));
    }

    private static string? Text(JsonElement range, string key) =>
        range.ValueKind == JsonValueKind.Object && range.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IPAddress First(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new(bytes);
    }
}
