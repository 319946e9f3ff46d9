using System.Net;
using System.Text.Json;
using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>The IPAM of a list, as far as its configuration describes it.</summary>
/// <param name="Type">The IPAM plugin; null where the list assigns no addresses.</param>
/// <param name="Subnets">The subnets that it assigns from; empty where the configuration has none.</param>
/// <param name="HasFixedAddresses"><c>static</c> with addresses in its configuration.</param>
internal sealed record ListIpam(string? Type, IReadOnlyList<ListSubnet> Subnets, bool HasFixedAddresses)
{
    /// <summary>
    /// A main plugin that assigns the addresses its own way, whatever the configuration says: flannel, Antrea, Calico with
    /// <c>usePodCidr</c>. Null where the list's IPAM assigns them.
    /// </summary>
    public PluginType? AddressingPlugin { get; private init; }

    /// <summary>Whether <c>host-local</c> assigns from a part of a subnet only.</summary>
    public bool HasPartialRange { get; private init; }

    /// <summary>The IPAM of the main plugin.</summary>
    public static ListIpam Of(NetworkList list)
    {
        if (list.Main is not { } main)
            return new(null, [], false);
        var read = Of(main);
        var saysNothing = main.IpamType is not { } type
            || (type.IsReferenceIpam && read.Subnets.Count == 0 && !read.HasFixedAddresses);
        return saysNothing && !main.DelegatesIpam ? read with { AddressingPlugin = main.Type } : read;
    }

    private static ListIpam Of(PluginConfig main)
    {
        if (main.Ipam is not { } ipam)
            return new(null, [], false);
        var name = ipam.GetProperty("type").GetString();
        var fixedAddresses = ipam.TryGetProperty("addresses", out var addresses) && addresses.ValueKind == JsonValueKind.Array
            && addresses.GetArrayLength() > 0;
        if (name != "host-local")
            return new(name, [], fixedAddresses);
        var ranges = Ranges(ipam);
        List<ListSubnet?> subnets = [.. ranges.Select(Subnet)];
        // A placeholder that the plugin replaces: then the other subnets are unreliable too.
        var isFilledIn = subnets.Contains(null) && !main.DelegatesIpam;
        return new(name, isFilledIn ? [] : [.. subnets.OfType<ListSubnet>()], fixedAddresses)
        {
            HasPartialRange = ranges.Any(range => Text(range, "rangeStart") is not null || Text(range, "rangeEnd") is not null),
        };
    }

    // host-local: "ranges" is a list of sets, each a list of ranges; an older form has one range in the section itself.
    private static List<JsonElement> Ranges(JsonElement ipam)
    {
        List<JsonElement> ranges = Text(ipam, "subnet") is null ? [] : [ipam];
        if (ipam.TryGetProperty("ranges", out var sets) && sets.ValueKind == JsonValueKind.Array)
            ranges.AddRange(sets.EnumerateArray().Where(set => set.ValueKind == JsonValueKind.Array)
                .SelectMany(set => set.EnumerateArray()));
        return ranges;
    }

    private static ListSubnet? Subnet(JsonElement range)
    {
        if (!CidrAddress.TryParse(Text(range, "subnet"), out var cidr))
            return null;
        return new(cidr.Network, AddressText.TryParse(Text(range, "gateway"), out var gateway) ? gateway : FirstAddress(cidr.Network));
    }

    private static string? Text(JsonElement range, string key) =>
        range.ValueKind == JsonValueKind.Object && range.TryGetProperty(key, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IPAddress FirstAddress(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new(bytes);
    }
}
