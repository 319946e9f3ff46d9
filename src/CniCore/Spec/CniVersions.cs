namespace CniCore.Spec;

/// <summary>The versions of the spec, and the verbs of each (CNI spec tags; libcni pkg/version). Versions are compared as text.</summary>
internal static class CniVersions
{
    public const string Oldest = "0.1.0";
    public const string Newest = "1.1.0";

    /// <summary>Ascending.</summary>
    public static readonly IReadOnlyList<string> All = [Oldest, "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", Newest];

    /// <summary>Whether results of the version have <c>ip4</c> and <c>ip6</c>.</summary>
    public static bool HasIp4AndIp6(string version) => Rank(version) <= Rank("0.2.0");

    /// <summary>Whether results of the version give the family with each address.</summary>
    public static bool SaysFamily(string version) => Rank(version) <= Rank("0.4.0");

    /// <summary>Whether plugins get prevResult at CHECK and DEL.</summary>
    public static bool HasPrevResultOnDel(string version) => Rank(version) >= Rank("0.4.0");

    /// <summary>Whether the verb exists in that version.</summary>
    public static bool Allows(string version, CniCommand verb) => verb switch
    {
        CniCommand.Check => Rank(version) >= Rank("0.4.0"),
        CniCommand.Gc or CniCommand.Status => Rank(version) >= Rank("1.1.0"),
        _ => true,
    };

    public static bool IsKnown(string version) => All.Contains(version);

    /// <summary>Whether the text has the form of a version: one to three numbers.</summary>
    public static bool IsVersion(string text) =>
        text.Split('.') is { Length: <= 3 } parts && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    /// <summary>The index in <see cref="All"/>; unknown versions come last.</summary>
    public static int Rank(string version)
    {
        for (var rank = 0; rank < All.Count; rank++)
        {
            if (All[rank] == version)
                return rank;
        }
        return All.Count;
    }
}
