using CniCore.Spec;

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    private const string Firewall = "firewall";
    private static readonly PluginConfig Admission =
        PluginConfig.Parse(ListFields.Element("{\"type\":\"cnid-admission\"}"u8.ToArray()));

    // What ADD runs is stored with the attachment, so DEL and CHECK run it too, whatever the setting is by then.
    private NetworkList WithAdmission(NetworkList list) =>
        options.Admits && !list.PrefersBuiltins
            && !chain.BuiltinsFor(list).Contains(Firewall) ? list with { Plugins = [.. list.Plugins, Admission] } : list;
}
