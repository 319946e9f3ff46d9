using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Config;
using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>A network list as JSON, the form in which it is stored and changed.</summary>
internal static class ListJson
{
    public static ReadOnlyMemory<byte> Bytes(JsonElement list) => Encoding.UTF8.GetBytes(list.GetRawText());

    public static JsonElement Of(NetworkList list)
    {
        using var document = JsonDocument.Parse(NetworkListWriter.Write(list));
        return document.RootElement.Clone();
    }

    /// <summary>The same with all its versions, before its plugins have been asked for theirs.</summary>
    public static JsonElement InAllVersions(NetworkList list)
    {
        var copy = JsonObject.Create(Of(list))!;
        copy["cniVersions"] = new JsonArray([.. list.CniVersions.Select(version => (JsonNode)version)]);
        return Element(copy);
    }

    /// <summary>Whether a plugin of the list asks for the capability.</summary>
    public static bool HasCapability(JsonElement list, string capability) => PluginsWithCapability(list, capability).Any();

    /// <summary>The plugins that ask for the capability, by their place in the list from 0.</summary>
    public static IEnumerable<int> PluginsWithCapability(JsonElement list, string capability) =>
        from plugin in list.GetProperty("plugins").EnumerateArray().Index()
        where plugin.Item.TryGetProperty("capabilities", out var asked)
            && asked.ValueKind == JsonValueKind.Object
            && asked.TryGetProperty(capability, out var wanted)
            && wanted.ValueKind == JsonValueKind.True
        select plugin.Index;

    /// <summary>
    /// Whether ports can be published and withdrawn while an attachment stands: those who map them are chained <c>portmap</c>s, which do
    /// nothing else. Another plugin gets them at ADD and keeps them until DEL.
    /// </summary>
    public static bool CanChangePorts(JsonElement list) =>
        PluginsWithCapability(list, CapabilityNames.PortMappings).ToList() is { Count: > 0 } mappers
        && mappers.All(place => place > 0 && list.GetProperty("plugins")[place].GetProperty("type").GetString() == "portmap");

    public static JsonElement Element(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <summary>The place of the plugin that makes the interface.</summary>
    private static int PlaceOfMain(JsonElement list) =>
        ReferencePlugins.PlaceOfMain([.. list.GetProperty("plugins").EnumerateArray()
            .Select(plugin => plugin.GetProperty("type").GetString()!)]);

    /// <summary>The list with another address management.</summary>
    public static JsonElement WithIpam(JsonElement list, JsonElement ipam)
    {
        var copy = JsonObject.Create(list)!;
        copy["plugins"]![PlaceOfMain(list)]!["ipam"] = JsonNode.Parse(ipam.GetRawText());
        return Element(copy);
    }
}
