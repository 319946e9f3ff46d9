using CniCore.Spec;

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    private const string Firewall = "firewall";

    // The list is stored with the attachment, so DEL and CHECK run the same plugins even if the setting changes.
    private NetworkList WithAdmission(NetworkList list) =>
        options.Admits && !list.PrefersBuiltins
            && !chain.BuiltinsFor(list).Contains(Firewall) ? list with { Plugins = [.. list.Plugins, PluginConfig.Admission] } : list;
}
