using System.Text;
using System.Text.Json.Nodes;
using CniCore.Plugins.HostLocal;
using CniCore.Plugins.Static;
using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>Checks a plugin's section <c>ipam</c> as <c>host-local</c> and <c>static</c> would, without running anything.</summary>
internal static class IpamCheck
{
    // Ranges of this capability come with each attachment and are in no file.
    private const string RangesCapability = "ipRanges";

    /// <summary>The error with which the IPAM plugin would refuse the section; null for none, and for other IPAM plugins.</summary>
    /// <exception cref="CniConfigException">The type is not a valid plugin name.</exception>
    public static string? FaultOf(NetworkList list, PluginConfig plugin)
    {
        try
        {
            if (plugin.DelegatesIpam)
                Check(plugin.IpamType?.ToString(), list, plugin);
            return null;
        }
        catch (CniPluginException fault)
        {
            return fault.Message;
        }
    }

    private static void Check(string? type, NetworkList list, PluginConfig plugin)
    {
        if (type is not ("host-local" or "static"))
            return;
        var call = Call(list, plugin);
        if (type == "static")
            _ = StaticConfig.Of(call);
        else if (!plugin.Capabilities.Contains(RangesCapability) || !HostLocalConfig.HasNoRanges(call))
            _ = HostLocalConfig.Of(call);
    }

    private static BuiltinCall Call(NetworkList list, PluginConfig plugin)
    {
        var config = JsonObject.Create(plugin.Json)!;
        (config["name"], config["cniVersion"]) = (list.Name.ToString(), list.CniVersion);
        return BuiltinCall.Of(new(CniCommand.Add, plugin.Type, "", "", "", "", Encoding.UTF8.GetBytes(config.ToJsonString())));
    }
}
