using CniCore.Plugins.PortMap;

namespace CniCore.Plugins;

/// <summary>The built-ins, by the type a configuration calls them by.</summary>
internal static class BuiltinPlugins
{
    public static Dictionary<string, BuiltinPlugin> All() => new(StringComparer.Ordinal)
    {
        ["portmap"] = new PortMapPlugin(),
    };
}
