using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EndToEnd.Faults;

/// <summary>Which points of which paths are tried.</summary>
internal static class FaultPlan
{
    // A start does the same for each of twenty attachments.
    private const int OfEqualOnes = 3;

    private static readonly int? Size = Variable("FAULTS") switch
    {
        "all" => null,
        { } number => Number(number),
        _ => 15,
    };

    /// <summary>What chooses them: of the commit where nobody says.</summary>
    public static string Seed { get; } = Variable("FAULT_SEED") ?? "cnid";

    /// <summary>
    /// Those that have the text of FAULT_PATH in their name, and of them those of the lane that FAULT_LANE says, such as <c>2/3</c>: lanes
    /// go side by side, each in a lab of its own.
    /// </summary>
    public static IReadOnlyList<FaultPath> Paths { get; } =
    [
        .. FaultPaths.All.Where(path => path.Name.Contains(Variable("FAULT_PATH") ?? "", StringComparison.Ordinal))
            .Where((_, at) => Variable("FAULT_LANE")?.Split('/') is not [var lane, var lanes] || at % Number(lanes) == Number(lane) - 1),
    ];

    /// <summary>
    /// Every point; of a start, whose calls repeat, the first, the last and one between of those that are equal but for ids. A sample has
    /// those that are pinned, then one of each kind of call, then more until there are enough; the seed chooses.
    /// </summary>
    public static IReadOnlyList<FaultPoint> Choose(FaultPath path, IReadOnlyList<FaultPoint> points, out int all)
    {
        if (path.IsStart)
            points = [.. points.GroupBy(point => point.Shape).SelectMany(equal => Spread([.. equal], OfEqualOnes))];
        List<FaultPoint> ones = [.. points.Where(point => !point.IsExtra)];
        all = ones.Count;
        var pinned = path.Pinned.SelectMany(one => one.In(points));
        if (Size is not { } size)
            return [.. ones.Union(pinned).OrderBy(point => point.At)];
        var ordered = ones.OrderBy(point => Hash($"{Seed} {path} {point.Key}"), StringComparer.Ordinal).ToList();
        List<FaultPoint> chosen = [.. pinned.Concat(ordered.DistinctBy(point => point.Kind)).Distinct()];
        chosen.AddRange(ordered.Except(chosen).Take(size - chosen.Count));
        return [.. chosen.OrderBy(point => point.At)];
    }

    /// <summary>So many of them, from the first to the last.</summary>
    public static IEnumerable<FaultPoint> Spread(IReadOnlyList<FaultPoint> points, int most) => points.Count <= most ? points
        : Enumerable.Range(0, most).Select(at => points[at * (points.Count - 1) / (most - 1)]);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
