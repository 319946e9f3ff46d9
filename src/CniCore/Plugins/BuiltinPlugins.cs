namespace CniCore.Plugins;

/// <summary>The built-ins, by the type a configuration calls them by.</summary>
internal static class BuiltinPlugins
{
    public static Dictionary<string, BuiltinPlugin> All() => new(StringComparer.Ordinal)
    {
        ["bridge"] = new Bridge.BridgePlugin(),
        ["static"] = new Static.StaticPlugin(),
        ["loopback"] = new Loopback.LoopbackPlugin(),
        ["macvlan"] = new MacVlan.MacVlanPlugin(),
        ["ptp"] = new Ptp.PtpPlugin(),
        ["tuning"] = new Tuning.TuningPlugin(),
    };
}
