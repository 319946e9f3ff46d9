using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Plugins.HostLocal;
using CniCore.Plugins.Static;
using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>What a plugin's <c>ipam</c> section says, read without running anything.</summary>
public static class IpamSection
{
    // Ranges that come with each attachment are in no file.
    private const string RangesCapability = "ipRanges";

    /// <summary>
    /// The section of a plugin's object, which names a type; null where the plugin manages no addresses, or not through another.
    /// </summary>
    public static JsonElement? Find(JsonElement plugin) =>
        plugin.ValueKind == JsonValueKind.Object
        && plugin.TryGetProperty("ipam", out var ipam) && ipam.ValueKind == JsonValueKind.Object
        && ipam.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && type.GetString() is { Length: > 0 } ? ipam : null;

    /// <summary>The IPAM plugin it names; null where there is no section.</summary>
    public static PluginType? TypeOf(PluginConfig plugin) =>
        Find(plugin.Json) is { } ipam ? PluginType.Parse(ipam.GetProperty("type").GetString()!) : null;

    /// <summary>
    /// Whether the plugin asks the IPAM of its section as it is written. Others fill it in first (Antrea, Calico's <c>usePodCidr</c>), or
    /// have addresses of their own (flannel): of theirs nothing is known.
    /// </summary>
    public static bool IsAsWritten(PluginConfig plugin) => ReferencePlugins.Main.Contains(plugin.Type.ToString());

    /// <summary>
    /// Why <c>host-local</c> or <c>static</c> would refuse it; null where they would not, and for what other plugins read.
    /// </summary>
    /// <exception cref="CniConfigException">The type is no plugin's name.</exception>
    public static string? FaultOf(NetworkList list, PluginConfig plugin)
    {
        try
        {
            Read(TypeOf(plugin)?.ToString(), list, plugin);
            return null;
        }
        catch (CniPluginException fault)
        {
            return fault.Message;
        }
    }

    private static void Read(string? type, NetworkList list, PluginConfig plugin)
    {
        if (type is not ("host-local" or "static") || !IsAsWritten(plugin))
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
        var call = new PluginCall(CniCommand.Add, plugin.Type, "", "", "", "", System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()));
        return BuiltinCall.Of(call);
    }
}
