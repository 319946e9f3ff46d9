using System.Text.Json;

namespace CniCore.Spec.Shapes;

/// <summary>Checks the types of a list's values before anything else reads the list.</summary>
internal static class ListShape
{
    private const string Plugins = "plugins";

    private static readonly Shape List = Shape.Of(
        ("name cniVersion", Shape.Text),
        ("cniVersions", Shape.ListOf(Shape.Text)),
        ("disableCheck disableGC loadOnlyInlinedPlugins", Shape.SpelledFlag),
        (Plugins, Shape.ListOf(Shape.AnyObject)));

    /// <summary>Checks a list, or one plugin with a list's keys.</summary>
    /// <exception cref="ShapeException">A value has the wrong type, or a key appears twice.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static void Check(ReadOnlySpan<byte> json)
    {
        var root = LocatedJson.Read(json);
        if (root.Kind != JsonValueKind.Object)
            return; // NetworkListReader reports it
        List.Check(root, "");
        if (root.Given(Plugins) is not { } plugins)
            CheckPlugin(root, "");
        foreach (var (plugin, index) in root.Given(Plugins)?.Items.Select((plugin, index) => (plugin, index)) ?? [])
        {
            if (plugin.Given("type") is null)
                throw new ShapeException(plugin.Line, $"{Plugins}[{index}] has no type: name a plugin");
            CheckPlugin(plugin, $"{Plugins}[{index}].");
        }
    }

    /// <summary>Checks one plugin without a list around it.</summary>
    /// <param name="json">Its object.</param>
    /// <param name="prefix">Precedes each key in the message.</param>
    /// <exception cref="ShapeException">A value has the wrong type, or a key appears twice.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static void CheckPlugin(ReadOnlySpan<byte> json, string prefix = "")
    {
        var plugin = LocatedJson.Read(json);
        if (plugin.Kind == JsonValueKind.Object)
            CheckPlugin(plugin, prefix);
    }

    private static void CheckPlugin(LocatedJson plugin, string prefix)
    {
        PluginShapes.Common.Check(plugin, prefix.TrimEnd('.'));
        var type = plugin.Given("type")?.Text ?? "";
        if (PluginShapes.Main.TryGetValue(type, out var main))
        {
            main.Check(plugin, prefix.TrimEnd('.'));
            if (plugin.Given("ipam") is { } ipam && ipam.Given("type") is { } ipamType)
            {
                Shape.Text.Check(ipamType, $"{prefix}ipam.type");
                PluginShapes.Ipam.GetValueOrDefault(ipamType.Text)?.Check(ipam, $"{prefix}ipam");
            }
        }
        else if (PluginShapes.Chained.TryGetValue(type, out var chained))
        {
            chained.Check(plugin, prefix.TrimEnd('.'));
        }
    }
}
