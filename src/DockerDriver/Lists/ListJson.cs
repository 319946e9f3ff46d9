using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>What the driver asks of a network list, and JSON made by hand as the element that a list or a request takes.</summary>
internal static class ListJson
{
    /// <summary>
    /// Whether ports can be published and withdrawn while an attachment stands: those who map them are chained <c>portmap</c>s, which do
    /// nothing else. Another plugin gets them at ADD and keeps them until DEL.
    /// </summary>
    public static bool CanChangePorts(NetworkList list) =>
        list.PluginsWithCapability(CapabilityNames.PortMappings).ToList() is { Count: > 0 } mappers
        && mappers.All(place => place > 0 && list.Plugins[place].Type.ToString() == "portmap");

    public static JsonElement Element(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <summary>The list of such an object.</summary>
    /// <exception cref="CniConfigException">It is broken.</exception>
    public static NetworkList Parse(JsonObject list) => NetworkList.Parse(Encoding.UTF8.GetBytes(list.ToJsonString()));
}
