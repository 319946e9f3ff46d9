namespace EndToEnd.Faults;

/// <summary>Which points of a path are tried.</summary>
internal static class FaultPlan
{
    /// <summary>The number of points a path in a sample; null: all.</summary>
    public static int? Size { get; } = Environment.GetEnvironmentVariable("FAULTS") switch
    {
        "all" => null,
        { Length: > 0 } number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture),
        _ => 15,
    };

    /// <summary>What chooses them: of the commit where nobody says.</summary>
    public static string Seed { get; } = Environment.GetEnvironmentVariable("FAULT_SEED") is { Length: > 0 } seed ? seed : "cnid";

    /// <summary>Whether a path is tried at all: those that have the text of FAULT_PATH in their name, if it is set.</summary>
    public static bool Has(string path) =>
        path.Contains(Environment.GetEnvironmentVariable("FAULT_PATH") ?? "", StringComparison.Ordinal);

    /// <summary>A point of each kind, in an order that the seed gives; then more of them, until there are enough.</summary>
    public static IReadOnlyList<FaultPoint> Choose(string path, IReadOnlyList<FaultPoint> points)
    {
        if (Size is not { } size)
            return points;
        var ordered = points.OrderBy(point => Hash($"{Seed} {path} {point.Key}"), StringComparer.Ordinal).ToList();
        var kinds = ordered.GroupBy(point => point.Kind).ToList();
        var rounds = Enumerable.Range(0, kinds.Max(kind => kind.Count()));
        return [.. rounds.SelectMany(round => kinds.Where(kind => kind.Count() > round).Select(kind => kind.ElementAt(round))).Take(size)];
    }

    private static string Hash(string text) =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
