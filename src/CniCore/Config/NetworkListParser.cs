using System.Text.Json;
using CniCore.Config.Shapes;
using CniCore.Spec;

namespace CniCore.Config;

/// <summary>
/// Parses a network list, or a configuration of a single plugin, which becomes a list of one (CNI spec, section 1; libcni/conf.go).
/// Everything that becomes part of a path or a command is checked here, once.
/// </summary>
public static class NetworkListParser
{
    /// <summary>Parses a file, and the <c>*.conf</c> of the folder of the network's name beside it, unless the list forbids that.</summary>
    /// <exception cref="CniConfigException">It is broken; the message begins with the file and, where it can be told, the line.</exception>
    public static NetworkList ParseFile(string path)
    {
        var json = File.ReadAllBytes(path);
        CheckShape(path, () => ListShape.Check(json));
        return Parse(json, path);
    }

    /// <summary>Looks at what a user has written in the place of a file as strictly as at a file.</summary>
    /// <param name="json">A list, or one plugin with a list's keys.</param>
    /// <param name="place">What the message begins with.</param>
    /// <exception cref="CniConfigException">A key is given twice, or has not what it takes.</exception>
    public static void CheckGiven(ReadOnlyMemory<byte> json, string place) => CheckShape(place, () => ListShape.Check(json.Span));

    /// <summary>The same of one plugin's keys, which have no lines.</summary>
    /// <param name="json">The plugin's object.</param>
    /// <param name="prefix">What stands before each key in the message.</param>
    /// <exception cref="CniConfigException">A key has not what it takes.</exception>
    public static void CheckKeys(ReadOnlyMemory<byte> json, string prefix)
    {
        try
        {
            ListShape.CheckPlugin(json.Span, prefix);
        }
        catch (ShapeException fault)
        {
            throw new CniConfigException(fault.Message, fault);
        }
    }

    /// <summary>
    /// Parses JSON, as it was stored: whether each key has what it takes was looked at when a user wrote it. <paramref name="source"/> is
    /// the file it came from, null for none: then it has no plugins in other files.
    /// </summary>
    /// <exception cref="CniConfigException">It is broken.</exception>
    public static NetworkList Parse(ReadOnlyMemory<byte> json, string? source)
    {
        try
        {
            var root = ListFields.Root(json);
            return ListFields.IsGiven(root, "plugins", out _)
                || !ListFields.IsGiven(root, "type", out _) ? List(root, source) : Single(root, source);
        }
        catch (JsonException fault)
        {
            throw NotJson(source ?? "network list", fault);
        }
        catch (CniConfigException fault)
        {
            throw new CniConfigException($"{source ?? "network list"}: {fault.Message}", fault);
        }
    }

    private static NetworkList List(JsonElement root, string? source)
    {
        var name = Name(root);
        var onlyInlined = ListFields.Flag(root, "loadOnlyInlinedPlugins");
        var plugins = Inlined(root, required: onlyInlined);
        if (source is not null && !onlyInlined)
            plugins.AddRange(BesideIt(source, name));
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

    private static IEnumerable<PluginConfig> BesideIt(string source, NetworkName name)
    {
        var folder = Path.Combine(Path.GetDirectoryName(source)!, name.ToString());
        if (!Directory.Exists(folder))
            return [];
        return Directory.EnumerateFiles(folder, "*.conf").Order(StringComparer.Ordinal).Select(path =>
        {
            try
            {
                var json = File.ReadAllBytes(path);
                CheckShape(path, () => ListShape.CheckPlugin(json));
                return Plugin(ListFields.Root(json));
            }
            catch (JsonException fault)
            {
                throw NotJson(path, fault);
            }
            catch (CniConfigException fault) when (!fault.Message.StartsWith(path + ":", StringComparison.Ordinal))
            {
                throw new CniConfigException($"{path}: {fault.Message}", fault);
            }
        });
    }

    private static PluginConfig Plugin(JsonElement plugin)
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

    private static NetworkName Name(JsonElement root) => NetworkName.Parse(ListFields.Text(root, "name") ?? "");

    private static void CheckShape(string place, Action check)
    {
        try
        {
            check();
        }
        catch (JsonException fault)
        {
            throw NotJson(place, fault);
        }
        catch (ShapeException fault)
        {
            throw new CniConfigException($"{place}:{fault.Line}: {fault.Message}", fault);
        }
    }

    // System.Text.Json appends the position, which stands in front already.
    private static CniConfigException NotJson(string source, JsonException fault)
    {
        var line = fault.LineNumber is { } number ? $":{number + 1}" : "";
        return new($"{source}{line}: not valid JSON: {fault.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0]}", fault);
    }
}
