using System.Text.RegularExpressions;

namespace CniCore.Tests.House;

/// <summary>The table of <c>CONTRIBUTING.md</c>: what each folder of <c>src</c> may use.</summary>
internal sealed partial class HouseTable
{
    private const string AllAbove = "all above";
    private const string Nothing = "nothing";

    private HouseTable(IReadOnlyList<HouseRow> rows) => Rows = rows;

    /// <summary>In the order of the page: from the bottom of the house to its top.</summary>
    public IReadOnlyList<HouseRow> Rows { get; }

    public static HouseTable Read(string path)
    {
        var rows = new List<HouseRow>();
        foreach (var row in File.ReadLines(path).Select(line => Row().Match(line)).Where(row => row.Success))
        {
            var folder = row.Groups["folder"].Value;
            rows.Add(new(folder, [.. Used(row.Groups["used"].Value.Trim(), folder, rows)]));
        }
        return new(rows);
    }

    /// <summary>The row that a file belongs to, by its path under <c>src</c>; null where none has it.</summary>
    public HouseRow? RowOf(string file) =>
        Rows.FirstOrDefault(row => file == row.Folder || file.StartsWith(row.Folder + "/", StringComparison.Ordinal));

    private static IEnumerable<string> Used(string text, string folder, List<HouseRow> above) => text switch
    {
        Nothing => [],
        AllAbove => above.Select(row => row.Namespace),
        _ => text.Split(", ").Select(word => Namespace(word, folder, above)),
    };

    // A neighbour by its folder's name, or a namespace of another assembly.
    private static string Namespace(string word, string folder, List<HouseRow> above)
    {
        var neighbour = $"{folder.Split('/')[0]}.{word}";
        return above.Any(row => IsIn(neighbour, row.Namespace)) ? neighbour : word;
    }

    /// <summary>Whether a name is that of the namespace, or in it.</summary>
    public static bool IsIn(string name, string @namespace) =>
        name == @namespace || name.StartsWith(@namespace + ".", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| `src/(?<folder>[^`]+)` \|[^|]+\|(?<used>[^|]+)\|$")]
    private static partial Regex Row();
}
