using CniCore.Config;
using CniCore.Linux.Files;
using CniCore.Plugins;
using CniCore.Spec;

namespace Conformance;

/// <summary>Finds the plugin to test, and its configuration.</summary>
internal sealed record PluginFinder(IReadOnlyList<string> Folders, bool Builtin, string? Config, PluginKind? Kind, double Timeout)
{
    /// <param name="name">A path, or a type to look up in the folders.</param>
    /// <exception cref="CniConfigException">There is no such plugin, or no configuration for it.</exception>
    public PluginUnderTest Find(string name)
    {
        var type = Path.GetFileName(name);
        PluginType.Parse(type);
        var path = Builtin ? Refuse(Builtins.Has(type), "", $"{type} is not built in") : Executable(name);
        var folders = name.Contains('/', StringComparison.Ordinal) && !Builtin ? [Path.GetDirectoryName(path)!, .. Folders] : Folders;
        var plugin = Config is { } file ? FromFile(type, file) : KnownPlugins.Find(type)
            ?? throw new CniConfigException($"there is no default configuration for {type}: name a network list with --config");
        return plugin with
        {
            Path = path,
            IsBuiltin = Builtin,
            Folders = [.. folders.Distinct()],
            Timeout = Timeout,
            Kind = Kind ?? plugin.Kind
        };
    }

    private string Executable(string plugin)
    {
        if (plugin.Contains('/', StringComparison.Ordinal))
            return Refuse(RegularFile.IsAt(plugin), Path.GetFullPath(plugin), $"{plugin} does not exist");
        return Folders.Select(folder => Path.Combine(folder, plugin)).FirstOrDefault(RegularFile.IsAt)
            ?? throw new CniConfigException(
                $"plugin {plugin} is not in {string.Join(", ", Folders)}{(Builtins.Has(plugin) ? "; for the built-in: --builtin" : "")}");
    }

    private static PluginUnderTest FromFile(string type, string file)
    {
        var list = NetworkListFolder.ReadFile(file);
        var known = KnownPlugins.Find(type);
        PluginUnderTest Of(PluginKind kind, string config) => new()
        {
            Type = type, Folders = [], Kind = kind, Config = config, IfName = known?.IfName ?? "eth0",
        };
        for (var index = 0; index < list.Plugins.Count; index++)
        {
            var (plugin, json) = (list.Plugins[index], list.Plugins[index].Json);
            if (plugin.Type.ToString() == type)
                return Of(index > 0 ? PluginKind.Chained : known?.Kind ?? PluginKind.Interface,
                    json.GetRawText()) with
                { Before = [.. list.Plugins.Take(index).Select(earlier => earlier.Json.GetRawText())] };
            if (plugin.IpamType?.ToString() == type)
                return Of(PluginKind.Ipam, json.GetRawText());
        }
        throw new CniConfigException($"{file} has no plugin {type}");
    }

    private static string Refuse(bool there, string path, string otherwise) => there ? path : throw new CniConfigException(otherwise);
}
