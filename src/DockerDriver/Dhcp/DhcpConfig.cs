using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Cache;
using CniCore.Spec;

namespace DockerDriver.Dhcp;

/// <summary>
/// The DHCP configuration of a list, and the standard input of the plugin <c>dhcp</c> where it is called alone (plugins/ipam/dhcp/main.go,
/// NetConf).
/// </summary>
internal static class DhcpConfig
{
    /// <summary>The plugin and IPAM type.</summary>
    public static readonly PluginType Plugin = PluginType.Parse("dhcp");

    private const string DefaultSocket = "/run/cni/dhcp.sock";
    private const string ClientId = "dhcp-client-identifier";

    /// <summary>Whether a list's addresses are leases.</summary>
    public static bool IsLeased(NetworkList list) => Find(list) is not null;

    /// <summary>The socket of the daemon that a plugin's call will use; null where it requests no lease.</summary>
    public static string? SocketOf(ReadOnlySpan<byte> config)
    {
        var reader = new Utf8JsonReader(config);
        using var json = JsonDocument.ParseValue(ref reader);
        var plugin = new PluginConfig { Type = Plugin, Json = json.RootElement };
        return plugin.IpamType == Plugin ? SocketOf(plugin.Ipam!.Value) : null;
    }

    /// <summary>The network name in a plugin's configuration.</summary>
    public static string NetworkOf(ReadOnlySpan<byte> config)
    {
        var reader = new Utf8JsonReader(config);
        using var plugin = JsonDocument.ParseValue(ref reader);
        return plugin.RootElement.TryGetProperty("name", out var name) ? name.ToString() : "";
    }

    /// <summary>The socket of the daemon that holds an attachment's lease.</summary>
    public static string SocketOf(Attachment attachment) => SocketOf(Find(attachment.List)!.Ipam!.Value);

    /// <summary>
    /// The configuration for a call of <c>dhcp</c> for the attachment's lease, from an interface of that name. The client identifier
    /// contains the interface's name at ADD; for another name it is set explicitly.
    /// </summary>
    public static byte[] For(Attachment attachment, string ifName)
    {
        var config = JsonObject.Create(Find(attachment.List)!.Json)!.DeepClone().AsObject();
        config["name"] = attachment.Network;
        config["cniVersion"] = attachment.List.CniVersion;
        if (ifName != attachment.IfName)
            Identify(config["ipam"]!.AsObject(), $"\0{attachment.ContainerId}/{attachment.Network}/{attachment.IfName}");
        return Encoding.UTF8.GetBytes(config.ToJsonString());
    }

    private static void Identify(JsonObject ipam, string client)
    {
        var provided = ipam["provide"]?.AsArray() ?? [];
        if (provided.Any(option => (string?)option?["option"] == ClientId))
            return;
        provided.Add((JsonNode)new JsonObject { ["option"] = ClientId, ["value"] = client });
        if (provided.Parent is null)
            ipam["provide"] = provided;
    }

    private static string SocketOf(JsonElement ipam) =>
        ipam.TryGetProperty("daemonSocketPath", out var path) && path.ValueKind == JsonValueKind.String
            && path.GetString() is { Length: > 0 } named ? named : DefaultSocket;

    private static PluginConfig? Find(NetworkList list) => list.Plugins.FirstOrDefault(plugin => plugin.IpamType == Plugin);
}
