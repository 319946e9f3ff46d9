using CniCore.Exec;
using CniCore.Plugins;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;

namespace Conformance;

/// <summary>Which plugins cnid is itself.</summary>
internal static class Builtins
{
    private static readonly BuiltinInvoker Invoker =
        new(BuiltinUse.Always, new ExecInvoker(new() { PluginFolders = [] }, TimeProvider.System, NullLogger<ExecInvoker>.Instance));

    public static bool Has(string type) => Invoker.TakesBuiltin(PluginType.Parse(type), preferred: true);
}
