using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>Properties and JSON of network lists.</summary>
internal static class ListJson
{
    /// <summary>
    /// Whether ports can be published and unpublished during an attachment: the plugins with the capability are chained <c>portmap</c>s,
    /// which do nothing else. Any other plugin gets the ports at ADD and keeps them until DEL.
    /// </summary>
    public static bool CanChangePorts(NetworkList list) =>
        list.PluginsWithCapability(CapabilityNames.PortMappings).ToList() is { Count: > 0 } mappers
        && mappers.All(place => place > 0 && list.Plugins[place].Type.ToString() == "portmap");

    public static JsonElement Element(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <summary>Parses a list.</summary>
    /// <exception cref="CniConfigException">It is broken.</exception>
    public static NetworkList Parse(JsonObject list) => NetworkList.Parse(Encoding.UTF8.GetBytes(list.ToJsonString()));
}
