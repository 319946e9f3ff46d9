namespace CniCore.Spec;

/// <summary>
/// The plugins of containernetworking/plugins, by what they do. Of any other nobody knows what it makes, or where its addresses come from.
/// </summary>
internal static class ReferencePlugins
{
    /// <summary>They make the interface, and ask the IPAM of their section <c>ipam</c> as it is written.</summary>
    public static IReadOnlySet<string> Main { get; } = Set("bridge", "dummy", "host-device", "ipvlan", "macvlan", "ptp", "tap", "vlan");

    /// <summary>They give addresses.</summary>
    public static IReadOnlySet<string> Ipam { get; } = Set("dhcp", "host-local", "static");

    /// <summary>They change what another has made; <c>loopback</c> sets <c>lo</c> up, which is there.</summary>
    public static IReadOnlySet<string> Chained { get; } = Set("bandwidth", "firewall", "loopback", "portmap", "sbr", "tuning", "vrf");

    /// <summary>They run on Windows alone (those of Microsoft's windows-container-networking with them).</summary>
    public static IReadOnlySet<string> OfWindows { get; } = Set("nat", "sdnbridge", "sdnoverlay", "win-bridge", "win-overlay");

    /// <summary>Whether one of them that runs on Linux.</summary>
    public static bool Has(string type) => Main.Contains(type) || Ipam.Contains(type) || Chained.Contains(type);

    /// <summary>
    /// Which of a list's plugins makes the interface, by its place: the first that is known for it, else the first that is not known for
    /// something else. -1 for none.
    /// </summary>
    public static int PlaceOfMain(IReadOnlyList<string> types)
    {
        for (var place = 0; place < types.Count; place++)
        {
            if (Main.Contains(types[place]))
                return place;
        }
        for (var place = 0; place < types.Count; place++)
        {
            if (!Chained.Contains(types[place]))
                return place;
        }
        return -1;
    }

    private static HashSet<string> Set(params string[] types) => new(types, StringComparer.Ordinal);
}
