using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>
/// <c>rangeStart</c> and <c>rangeEnd</c> of <c>host-local</c> limit what it assigns by itself; a user may request another address of the
/// subnet. The plugin would refuse it, so the ADD that requests it gets a widened range.
/// </summary>
internal static class WidenedRanges
{
    /// <summary>The list for the ADD of these addresses; unchanged where its ranges include them, or none of its subnets does.</summary>
    public static NetworkList For(NetworkList list, IEnumerable<IPAddress> addresses)
    {
        if (list.Main is not { } main || main.IpamType?.ToString() != "host-local")
            return list;
        var ipam = JsonObject.Create(main.Ipam!.Value)!;
        var ranges = Ranges(ipam).ToList();
        var isWidened = false;
        foreach (var address in addresses)
        {
            List<JsonObject> ofItsSubnet = [.. ranges.Where(range => SubnetOf(range) is { } subnet && IsHost(address, subnet))];
            if (ofItsSubnet.Count == 0 || ofItsSubnet.Exists(range => KeyToMove(range, address) is null))
                continue;
            ofItsSubnet[0][KeyToMove(ofItsSubnet[0], address)!] = address.ToString();
            isWidened = true;
        }
        return isWidened ? list.With(list.MainIndex, main.With("ipam", ipam)) : list;
    }

    private static IEnumerable<JsonObject> Ranges(JsonObject ipam) =>
        (ipam["ranges"] as JsonArray ?? []).OfType<JsonArray>().SelectMany(set => set.OfType<JsonObject>()).Prepend(ipam);

    private static IPNetwork? SubnetOf(JsonObject range) =>
        AddressText.TryParseNetwork(Text(range, "subnet"), out var subnet) ? subnet : null;

    // Neither the network address nor the IPv4 broadcast address.
    private static bool IsHost(IPAddress address, IPNetwork subnet)
    {
        if (!subnet.Contains(address) || address.Equals(subnet.BaseAddress))
            return false;
        var bytes = address.GetAddressBytes();
        var hostBits = Enumerable.Range(subnet.PrefixLength, (bytes.Length * 8) - subnet.PrefixLength);
        return address.AddressFamily != AddressFamily.InterNetwork || hostBits.Any(bit => (bytes[bit / 8] & (0x80 >> (bit % 8))) == 0);
    }

    // The end of the range that excludes the address; null where the range includes it.
    private static string? KeyToMove(JsonObject range, IPAddress address)
    {
        if (IsOutside(range, "rangeStart", address, before: true))
            return "rangeStart";
        return IsOutside(range, "rangeEnd", address, before: false) ? "rangeEnd" : null;
    }

    private static bool IsOutside(JsonObject range, string key, IPAddress address, bool before) =>
        AddressText.TryParse(Text(range, key), out var end) && end.AddressFamily == address.AddressFamily
        && address.GetAddressBytes().AsSpan().SequenceCompareTo(end.GetAddressBytes()) is var order && (before ? order < 0 : order > 0);

    private static string? Text(JsonObject range, string key) =>
        range[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
