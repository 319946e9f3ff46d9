using System.Text.Json;
using CniCore.Config.Shapes;
using CniCore.Spec;

namespace CniCore.Config;

/// <summary>
/// Reads what a user has written: the files of a configuration folder, and lists in their place. Stricter than
/// <see cref="NetworkList.Parse(ReadOnlyMemory{byte})"/>: known keys are checked for duplicates and for the type of their value.
/// </summary>
public static class NetworkListParser
{
    /// <summary>
    /// Reads a file, and the <c>*.conf</c> files of the folder named like the network beside it, unless the list has
    /// <c>loadOnlyInlinedPlugins</c> (CNI spec 1.1, section 1).
    /// </summary>
    /// <exception cref="CniConfigException">The list is broken. The message starts with the file and, where known, the line.</exception>
    public static NetworkList ParseFile(string path)
    {
        var json = File.ReadAllBytes(path);
        CheckShape(path, () => ListShape.Check(json));
        return NetworkListReader.Read(json, path, name => PluginFiles(path, name));
    }

    /// <summary>Checks a list that a user has written elsewhere than in a file, as strictly as a file.</summary>
    /// <param name="json">A list, or one plugin with a list's keys. UTF-8.</param>
    /// <param name="place">What the message starts with.</param>
    /// <exception cref="CniConfigException">A key appears twice, or its value has the wrong type.</exception>
    public static void CheckGiven(ReadOnlyMemory<byte> json, string place) => CheckShape(place, () => ListShape.Check(json.Span));

    /// <summary>Checks the keys of a single plugin. The message names no line.</summary>
    /// <param name="json">The plugin's object. UTF-8.</param>
    /// <param name="prefix">Precedes each key in the message.</param>
    /// <exception cref="CniConfigException">A value has the wrong type.</exception>
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

    private static IEnumerable<PluginConfig> PluginFiles(string source, NetworkName name)
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
                var plugin = ListFields.Element(json);
                return plugin.ValueKind == JsonValueKind.Object
                    ? PluginConfig.Parse(plugin)
                    : throw new CniConfigException("it is not a JSON object");
            }
            catch (JsonException fault)
            {
                throw NetworkListReader.NotJson(path, fault);
            }
            catch (CniConfigException fault) when (!fault.Message.StartsWith(path + ":", StringComparison.Ordinal))
            {
                throw new CniConfigException($"{path}: {fault.Message}", fault);
            }
        });
    }

    private static void CheckShape(string place, Action check)
    {
        try
        {
            check();
        }
        catch (JsonException fault)
        {
            throw NetworkListReader.NotJson(place, fault);
        }
        catch (ShapeException fault)
        {
            throw new CniConfigException($"{place}:{fault.Line}: {fault.Message}", fault);
        }
    }
}
