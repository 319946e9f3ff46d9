using System.Text.Json;

namespace CniCore.Spec;

/// <summary>Reads a network list, or a single plugin's configuration, which becomes a list of one plugin (libcni/conf.go).</summary>
internal static class NetworkListReader
{
    private const string NoSource = "network list";

    /// <param name="json">UTF-8.</param>
    /// <param name="source">The file; null for none.</param>
    /// <param name="more">Plugins of other files, by the network's name; null for none.</param>
    /// <exception cref="CniConfigException">The list is broken. The message starts with the source and, for a syntax error, the
    /// line.</exception>
    public static NetworkList Read(
        ReadOnlyMemory<byte> json, string? source = null, Func<NetworkName, IEnumerable<PluginConfig>>? more = null)
    {
        try
        {
            return Read(ListFields.Element(json), source, more);
        }
        catch (JsonException fault)
        {
            throw NotJson(source ?? NoSource, fault);
        }
    }

    public static NetworkList Read(JsonElement root, string? source = null, Func<NetworkName, IEnumerable<PluginConfig>>? more = null)
    {
        try
        {
            if (root.ValueKind != JsonValueKind.Object)
                throw new CniConfigException("it is not a JSON object");
            return ListFields.IsGiven(root, "plugins", out _)
                || !ListFields.IsGiven(root, "type", out _) ? List(root, source, more) : Single(root, source);
        }
        catch (CniConfigException fault)
        {
            throw new CniConfigException($"{source ?? NoSource}: {fault.Message}", fault) { IsOfUnknownVersion = fault.IsOfUnknownVersion };
        }
    }

    public static PluginConfig Plugin(JsonElement plugin)
    {
        if (plugin.ValueKind != JsonValueKind.Object)
            throw new CniConfigException("a plugin is not an object");
        return new()
        {
            Type = PluginType.Parse(ListFields.Text(plugin, "type") ?? ""),
            Capabilities = ListFields.Capabilities(plugin),
            Json = plugin,
        };
    }

    // System.Text.Json appends the position, which the message starts with.
    public static CniConfigException NotJson(string source, JsonException fault)
    {
        var line = fault.LineNumber is { } number ? $":{number + 1}" : "";
        return new($"{source}{line}: not valid JSON: {fault.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0]}", fault);
    }

    private static NetworkList List(JsonElement root, string? source, Func<NetworkName, IEnumerable<PluginConfig>>? more)
    {
        var name = Name(root);
        var onlyInlined = ListFields.Flag(root, "loadOnlyInlinedPlugins");
        var plugins = Inlined(root, required: onlyInlined);
        if (!onlyInlined)
            plugins.AddRange(more?.Invoke(name) ?? []);
        if (plugins.Count == 0)
            throw new CniConfigException("the list has no plugins");

        var (version, versions) = ListFields.Versions(root);
        return new()
        {
            Name = name,
            CniVersion = version,
            CniVersions = versions,
            DisableCheck = ListFields.Flag(root, "disableCheck"),
            DisableGc = ListFields.Flag(root, "disableGC"),
            Plugins = plugins,
            Source = source,
        };
    }

    private static NetworkList Single(JsonElement root, string? source)
    {
        var (version, versions) = ListFields.Versions(root);
        return new() { Name = Name(root), CniVersion = version, CniVersions = versions, Plugins = [Plugin(root)], Source = source };
    }

    private static List<PluginConfig> Inlined(JsonElement root, bool required)
    {
        if (!ListFields.IsGiven(root, "plugins", out var plugins))
            return required ? throw new CniConfigException("loadOnlyInlinedPlugins is set, and there are no plugins") : [];
        if (plugins.ValueKind != JsonValueKind.Array)
            throw new CniConfigException("plugins is not a list");
        return plugins.GetArrayLength() > 0
            ? [.. plugins.EnumerateArray().Select(Plugin)]
            : throw new CniConfigException("the list of plugins is empty");
    }

    private static NetworkName Name(JsonElement root) => NetworkName.Parse(ListFields.Text(root, "name") ?? "");
}
