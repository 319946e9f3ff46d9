using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace CniCore.Tests.House;

/// <summary>Holds the arrows of the house, as <c>CONTRIBUTING.md</c> draws them. And its sizes.</summary>
public sealed partial class LayeringTests
{
    private static readonly string Source = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../src"));
    private static readonly HouseTable Table = HouseTable.Read(Path.Combine(Source, "../CONTRIBUTING.md"));
    private static readonly string[] Assemblies =
        [.. Directory.EnumerateDirectories(Source).Select(folder => Path.GetFileName(folder)!).OrderByDescending(name => name.Length)];

    public static TheoryData<string> Folders => [.. Table.Rows.Select(row => row.Folder)];

    [Fact]
    public void File_HasARow() => Assert.DoesNotContain(Files(".").Select(Relative), file => Table.RowOf(file) is null);

    [Fact]
    public void Row_HasFiles_AndUsesOnlyRowsAboveIt()
    {
        var above = new List<string>();
        foreach (var row in Table.Rows)
        {
            Assert.True(Path.Exists(Path.Combine(Source, row.Folder)), row.Folder);
            Assert.Empty(row.Allowed.Where(used => !above.Exists(one => HouseTable.IsIn(used, one) || HouseTable.IsIn(one, used)))
                .Select(used => $"{row.Folder} may use {used}, which is no row above it"));
            above.Add(row.Namespace);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Folder_UsesOnlyWhatItMay(string folder)
    {
        var row = Table.Rows.Single(row => row.Folder == folder);
        var wrong = from file in Files(".")
                    where Table.RowOf(Relative(file)) == row
                    from used in NamesIn(File.ReadAllText(file), row)
                    where !HouseTable.IsIn(used, row.Namespace) && !row.Allowed.Any(allowed => HouseTable.IsIn(used, allowed))
                    select $"{Relative(file)} uses {used}";
        Assert.Empty(wrong.Distinct());
    }

    // Every name of ours that is written out: in a using, or in the code, from its root or from the namespace around it.
    private static IEnumerable<string> NamesIn(string text, HouseRow row)
    {
        var code = NamespaceLine().Replace(Comment().Replace(text, ""), "");
        var assembly = row.Namespace.Split('.')[0];
        return FullName().Matches(code).Select(name => name.Groups["name"].Value)
            .Where(name => Assemblies.Any(assembly => HouseTable.IsIn(name, assembly) && name != assembly))
            .Concat(from other in Table.Rows
                    where other != row && HouseTable.IsIn(other.Namespace, assembly)
                    let relative = other.Namespace[(assembly.Length + 1)..]
                    from name in FullName().Matches(code).Select(name => name.Groups["name"].Value)
                    where name.StartsWith(relative + ".", StringComparison.Ordinal)
                        && TypesOf(other).Contains(name[(relative.Length + 1)..].Split('.')[0])
                    select $"{assembly}.{name}");
    }

    private static HashSet<string> TypesOf(HouseRow row) => TypesByRow.GetOrAdd(row, row =>
    [
        .. from file in Files(".")
           where Table.RowOf(Relative(file)) == row
           from type in TypeName().Matches(File.ReadAllText(file))
           select type.Groups["name"].Value,
    ]);

    private static readonly ConcurrentDictionary<HouseRow, HashSet<string>> TypesByRow = new();

    [GeneratedRegex(@"(?<![\w.])(?:global::)?(?<name>[A-Z]\w*(?:\.[A-Z]\w*)+)")]
    private static partial Regex FullName();

    [GeneratedRegex(@"^\s*//.*$|(?<=[\s;{])// .*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^namespace .*;$", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"\b(?:class|record|struct|enum|interface) (?<name>[A-Z]\w*)")]
    private static partial Regex TypeName();

    [Fact]
    public void File_IsNotOver400Lines() =>
        Assert.DoesNotContain(Files("."), file => File.ReadLines(file).Count() > 400);

    [Fact]
    public void Line_IsNotOver140Columns() => Assert.Empty(
        from file in Files(".").Concat(Files("../tests"))
        from line in File.ReadLines(file).Index()
        where line.Item.Length > 140
        select $"{file}:{line.Index + 1}");

    [Fact]
    public void UnsafeCode_IsInLinuxAlone() =>
        Assert.DoesNotContain(Files("."), file =>
            !file.Contains("/CniCore.Linux/", StringComparison.Ordinal)
            && File.ReadAllText(file).Contains("unsafe ", StringComparison.Ordinal));

    // .NET takes 010.0.0.1 for 8.0.0.1. What the kernel said, in Linux, is no text of a user's.
    [Fact]
    public void A_Addresses_AreReadInOnePlace() =>
        Assert.DoesNotContain(
            Files(".").Where(file =>
                !file.Contains("/CniCore.Linux/", StringComparison.Ordinal) && !file.EndsWith("/AddressText.cs", StringComparison.Ordinal)),
            file => RawAddress().IsMatch(File.ReadAllText(file)));

    [GeneratedRegex(@"\b(IPAddress|IPNetwork|IPEndPoint)\.(Try)?Parse\(")]
    private static partial Regex RawAddress();

    private static IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Relative(string file) => Path.GetRelativePath(Source, file).Replace('\\', '/');

    private static string Here([CallerFilePath] string path = "") => path;
}
