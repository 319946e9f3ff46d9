using System.Text.Json.Nodes;

namespace DockerDriver.Cli;

/// <summary>Formats the plugins of a list, each as built-in or executable.</summary>
internal static class PluginNames
{
    /// <summary><c>bridge*, portmap*, sbr</c>: the star marks built-in plugins.</summary>
    public static string Text(IEnumerable<string> types, IReadOnlyList<string> builtins) =>
        string.Join(", ", types.Select(type => builtins.Contains(type) ? type + "*" : type));

    public static JsonArray Json(IEnumerable<string> types, IReadOnlyList<string> builtins) =>
        new([.. types.Select(type =>
            (JsonNode)new JsonObject { ["type"] = type, ["invoker"] = builtins.Contains(type) ? "built-in" : "executable" })]);
}
