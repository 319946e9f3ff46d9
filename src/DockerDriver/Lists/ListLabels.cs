using System.Text.Json;
using CniCore.Linux.Files;

namespace DockerDriver.Lists;

/// <summary>
/// The labels that other engines store in the lists they write: nerdctl in <c>nerdctlLabels</c> (pkg/netutil), Podman 4 in
/// <c>args.podman_labels</c> (common/libnetwork/cni). CNI itself has no labels.
/// </summary>
internal static class ListLabels
{
    /// <param name="path">A file that has been parsed as a list.</param>
    public static IReadOnlyDictionary<string, string> Of(string path)
    {
        using var file = JsonDocument.Parse(RegularFile.ReadAllBytes(path));
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(labels, file.RootElement, "nerdctlLabels");
        if (file.RootElement.TryGetProperty("args", out var args) && args.ValueKind == JsonValueKind.Object)
            Add(labels, args, "podman_labels");
        return labels;
    }

    private static void Add(SortedDictionary<string, string> labels, JsonElement from, string key)
    {
        if (!from.TryGetProperty(key, out var given) || given.ValueKind != JsonValueKind.Object)
            return;
        foreach (var label in given.EnumerateObject().Where(label => label.Value.ValueKind == JsonValueKind.String))
            labels[label.Name] = label.Value.GetString()!;
    }
}
