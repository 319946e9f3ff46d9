using CniCore.Plugins;
using CniCore.Spec;

namespace Conformance;

/// <summary>Which plugins cnid is itself.</summary>
internal static class Builtins
{
    public static bool Has(string type) => BuiltinInvoker.Knows(PluginType.Parse(type));
}
