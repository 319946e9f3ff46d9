namespace DockerDriver.Labels;

/// <summary>
/// Which of a container's labels <c>cni.…</c> count. Docker merges the image's labels into the container's: whoever made the image
/// would choose the networks of whoever runs it with <c>--network none</c>.
/// </summary>
internal static class CniLabels
{
    public const string Prefix = "cni.";

    // Tools that run containers of --network none and give them networks by themselves.
    private static readonly string[] OtherTools = ["io.kubernetes.", "io.cri-containerd.", "com.hashicorp.nomad."];

    public static bool IsOne(string key) => key.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Those of the container's that the image has with the same value: they do not count.</summary>
    public static IReadOnlyList<string> OfImage(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> image) =>
        [.. labels.Keys.Where(key => IsOne(key) && image.TryGetValue(key, out var value) && value == labels[key])
            .Order(StringComparer.Ordinal)];

    /// <summary>Those of the container's that are not among the ones that count.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> counted) =>
        [.. labels.Keys.Where(key => IsOne(key) && !counted.ContainsKey(key))];

    /// <summary>Without those.</summary>
    public static IReadOnlyDictionary<string, string> Without(
        IReadOnlyDictionary<string, string> labels, IReadOnlyCollection<string> keys) =>
        labels.Where(label => !keys.Contains(label.Key)).ToDictionary();

    /// <summary>Whether another tool runs the container: the setting <c>default-networks</c> is not for it.</summary>
    public static bool AreOfOtherTool(IReadOnlyDictionary<string, string> labels) =>
        labels.Keys.Any(key => OtherTools.Any(tool => key.StartsWith(tool, StringComparison.Ordinal)));

    /// <summary>Why nothing can be said, for whoever starts the container.</summary>
    public static string Unknown(string reason) =>
        $"which labels {Prefix}… are the container's own and which its image's cannot be told: {reason}; "
        + "pull the image again, make the container anew, or set image-labels=trust";
}
