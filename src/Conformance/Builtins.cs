using CniCore.Plugins;
using CniCore.Spec;

namespace Conformance;

/// <summary>The built-in plugins.</summary>
internal static class Builtins
{
    public static bool Has(string type) => BuiltinInvoker.Knows(PluginType.Parse(type));
}
