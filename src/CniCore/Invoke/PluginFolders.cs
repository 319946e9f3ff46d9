using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Invoke;

/// <summary>Finds a plugin's executable: the first regular file with its name (libcni pkg/invoke/find.go).</summary>
internal sealed class PluginFolders(IReadOnlyList<string> folders)
{
    public string? Find(PluginType plugin) =>
        folders.Select(folder => Path.Combine(folder, plugin.ToString())).FirstOrDefault(RegularFile.IsAt);

    /// <exception cref="CniPluginException">It is in none of the folders, which the message names, or others can change it.</exception>
    public string FindOrRefuse(PluginType plugin) => Trusted(plugin, Find(plugin))
        ?? throw new CniPluginException(CniErrorCode.InvalidConfig, ReferencePlugins.OfWindows.Contains(plugin.ToString())
            ? $"plugin {plugin} is one of Windows, and does not run on Linux"
            : $"plugin {plugin} is not in {(folders.Count == 0 ? "any folder: none is set" : string.Join(", ", folders))}")
        {
            Plugin = plugin, NeverStarted = true
        };

    private static string? Trusted(PluginType plugin, string? path) =>
        path is not null && TrustedPath.OpenFault(path) is { } fault
            ? throw new CniPluginException(CniErrorCode.InvalidConfig, $"plugin {plugin} is not run: {fault}", "")
            {
                Plugin = plugin, NeverStarted = true
            }
            : path;
}
