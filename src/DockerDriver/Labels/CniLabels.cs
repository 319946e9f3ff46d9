namespace DockerDriver.Labels;

/// <summary>
/// Determines which labels <c>cni.…</c> of a container have an effect. Docker merges the image's labels into the container's; an image
/// must not choose the networks of a container that is run with <c>--network none</c>.
/// </summary>
internal static class CniLabels
{
    public const string Prefix = "cni.";

    // Tools that run containers with --network none and attach them to networks themselves.
    private static readonly string[] OtherTools = ["io.kubernetes.", "io.cri-containerd.", "com.hashicorp.nomad."];

    public static bool IsCniLabel(string key) => key.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The container's labels that its image has with the same value: they have no effect.</summary>
    public static IReadOnlyList<string> OfImage(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> image) =>
        [.. labels.Keys.Where(key => IsCniLabel(key) && image.TryGetValue(key, out var value) && value == labels[key])
            .Order(StringComparer.Ordinal)];

    /// <summary>The container's labels that are not in <paramref name="counted"/>.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> counted) =>
        [.. labels.Keys.Where(key => IsCniLabel(key) && !counted.ContainsKey(key))];

    /// <summary>The labels without those keys.</summary>
    public static IReadOnlyDictionary<string, string> Without(
        IReadOnlyDictionary<string, string> labels, IReadOnlyCollection<string> keys) =>
        labels.Where(label => !keys.Contains(label.Key)).ToDictionary();

    /// <summary>Whether another tool runs the container: the setting <c>default-networks</c> does not apply.</summary>
    public static bool BelongToOtherTool(IReadOnlyDictionary<string, string> labels) =>
        labels.Keys.Any(key => OtherTools.Any(tool => key.StartsWith(tool, StringComparison.Ordinal)));

    /// <summary>The message where image labels cannot be determined.</summary>
    public static string OriginUnknown(string reason) =>
        $"cannot determine which labels {Prefix}… are the container's and which its image's: {reason}; "
        + "pull the image again, recreate the container, or set image-labels=trust";
}
