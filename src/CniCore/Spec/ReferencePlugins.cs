namespace CniCore.Spec;

/// <summary>
/// The plugins of containernetworking/plugins, by their job. What any other plugin makes, and where its addresses come from, is unknown.
/// </summary>
internal static class ReferencePlugins
{
    /// <summary>Create the interface, and pass the section <c>ipam</c> on as it is written.</summary>
    public static IReadOnlySet<string> Main { get; } = Set("bridge", "dummy", "host-device", "ipvlan", "macvlan", "ptp", "tap", "vlan");

    /// <summary>Give addresses.</summary>
    public static IReadOnlySet<string> Ipam { get; } = Set("dhcp", "host-local", "static");

    /// <summary>Change what another plugin made; <c>loopback</c> sets <c>lo</c> up.</summary>
    public static IReadOnlySet<string> Chained { get; } = Set("bandwidth", "firewall", "loopback", "portmap", "sbr", "tuning", "vrf");

    /// <summary>Run on Windows only (with those of Microsoft's windows-container-networking).</summary>
    public static IReadOnlySet<string> OfWindows { get; } = Set("nat", "sdnbridge", "sdnoverlay", "win-bridge", "win-overlay");

    /// <summary>Whether the type is one of these and runs on Linux.</summary>
    public static bool Has(string type) => Main.Contains(type) || Ipam.Contains(type) || Chained.Contains(type);

    /// <summary>
    /// The index of the plugin that creates the interface: the first that is known to do so, else the first that is not chained; -1 for
    /// none.
    /// </summary>
    public static int MainIndex(IReadOnlyList<string> types)
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
