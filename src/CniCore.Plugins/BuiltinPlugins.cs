using CniCore.Plugins.Bridge;
using CniCore.Plugins.Firewall;
using CniCore.Plugins.HostLocal;
using CniCore.Plugins.Loopback;
using CniCore.Plugins.MacVlan;
using CniCore.Plugins.PortMap;
using CniCore.Plugins.Ptp;
using CniCore.Plugins.Static;
using CniCore.Plugins.Tuning;

namespace CniCore.Plugins;

/// <summary>The built-ins by plugin type.</summary>
internal static class BuiltinPlugins
{
    public static IReadOnlyList<string> Names { get; } = [.. All().Keys];

    public static bool Has(string type) => Names.Contains(type);

    public static Dictionary<string, BuiltinPlugin> All() => new(StringComparer.Ordinal)
    {
        ["bridge"] = new BridgePlugin(),
        ["firewall"] = new FirewallPlugin(),
        ["host-local"] = new HostLocalPlugin(),
        ["loopback"] = new LoopbackPlugin(),
        ["macvlan"] = new MacVlanPlugin(),
        ["portmap"] = new PortMapPlugin(),
        ["ptp"] = new PtpPlugin(),
        ["static"] = new StaticPlugin(),
        ["tuning"] = new TuningPlugin(),
    };
}
