namespace CniCore.Spec;

/// <summary>
/// The versions of the spec, and which verb came with which (CNI spec tags; libcni pkg/version). Versions match by their exact text.
/// </summary>
internal static class CniVersions
{
    public const string Oldest = "0.1.0";
    public const string Newest = "1.1.0";

    /// <summary>Ascending.</summary>
    public static readonly IReadOnlyList<string> All = [Oldest, "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", Newest];

    /// <summary>Results up to this one have <c>ip4</c> and <c>ip6</c>.</summary>
    public static bool HasIp4AndIp6(string version) => Rank(version) <= Rank("0.2.0");

    /// <summary>Results up to this one say the family beside each address.</summary>
    public static bool SaysFamily(string version) => Rank(version) <= Rank("0.4.0");

    /// <summary>Whether plugins get prevResult with CHECK and DEL.</summary>
    public static bool HasPrevResultOnDel(string version) => Rank(version) >= Rank("0.4.0");

    /// <summary>Whether a configuration of that version may be asked the verb.</summary>
    public static bool Allows(string version, CniCommand verb) => verb switch
    {
        CniCommand.Check => Rank(version) >= Rank("0.4.0"),
        CniCommand.Gc or CniCommand.Status => Rank(version) >= Rank("1.1.0"),
        _ => true,
    };

    public static bool IsKnown(string version) => All.Contains(version);

    /// <summary>Whether the text is a version at all: one to three numbers.</summary>
    public static bool IsVersion(string text) =>
        text.Split('.') is { Length: <= 3 } parts && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    /// <summary>The position in <see cref="All"/>; one that is not known comes after all.</summary>
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
