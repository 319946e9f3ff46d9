using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Spec.Shapes;

namespace CniCore.Spec;

/// <summary>One plugin of a network list: its object, and the few keys of it that the runtime acts on (CNI spec, section 1).</summary>
public sealed record PluginConfig
{
    /// <summary>The runtime's own plugin at the end of a list (<see cref="PluginType.Admission"/>).</summary>
    internal static PluginConfig Admission { get; } = Parse(ListFields.Element("{\"type\":\"cnid-admission\"}"u8.ToArray()));

    /// <summary>The plugin's type: the name of its executable or built-in.</summary>
    public required PluginType Type { get; init; }

    /// <summary>The keys of <c>capabilities</c> whose value is <c>true</c>.</summary>
    public IReadOnlySet<string> Capabilities { get; init; } = new HashSet<string>();

    /// <summary>The plugin's object with every key, known or not. Its raw text is sent to the plugin.</summary>
    public required JsonElement Json { get; init; }

    /// <summary>The section <c>ipam</c>; null where there is none that names a type.</summary>
    public JsonElement? Ipam =>
        Json.ValueKind == JsonValueKind.Object
        && Json.TryGetProperty("ipam", out var ipam) && ipam.ValueKind == JsonValueKind.Object
        && ipam.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && type.GetString() is { Length: > 0 } ? ipam : null;

    /// <summary>The IPAM plugin that the section <c>ipam</c> names; null where there is no section.</summary>
    /// <exception cref="CniConfigException">The type is not a valid plugin name.</exception>
    public PluginType? IpamType => Ipam is { } ipam ? PluginType.Parse(ipam.GetProperty("type").GetString()!) : null;

    /// <summary>
    /// Whether the plugin passes the section <c>ipam</c> on as it is written. Other plugins complete the section first (Antrea, Calico's
    /// <c>usePodCidr</c>) or choose addresses themselves (flannel), so the section says nothing certain about theirs.
    /// </summary>
    public bool DelegatesIpam => ReferencePlugins.Main.Contains(Type.ToString());

    /// <summary>Reads a plugin's object.</summary>
    /// <exception cref="CniConfigException">It is not an object, or a key that the runtime acts on is wrong.</exception>
    public static PluginConfig Parse(JsonElement json) => NetworkListReader.Plugin(json);

    /// <summary>As <see cref="NetworkList.Check"/>, for a single plugin. The message names no line.</summary>
    /// <param name="json">The plugin's object. UTF-8.</param>
    /// <param name="prefix">Precedes each key in the message.</param>
    /// <exception cref="CniConfigException">A value has the wrong type.</exception>
    public static void Check(ReadOnlySpan<byte> json, string prefix)
    {
        try
        {
            ListShape.CheckPlugin(json, prefix);
        }
        catch (Exception fault) when (fault is ShapeException or JsonException)
        {
            throw new CniConfigException(fault.Message, fault);
        }
    }

    /// <summary>A copy in which the key has this value.</summary>
    /// <exception cref="CniConfigException">The runtime acts on the key, and the value is wrong.</exception>
    public PluginConfig With(string key, JsonNode value)
    {
        var copy = JsonObject.Create(Json)!;
        copy[key] = value;
        return Parse(ListFields.Element(System.Text.Encoding.UTF8.GetBytes(copy.ToJsonString())));
    }
}
