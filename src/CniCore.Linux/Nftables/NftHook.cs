using System.Globalization;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>The hook of a base chain.</summary>
/// <param name="Type"><c>filter</c>, <c>nat</c> or <c>route</c>.</param>
/// <param name="Point"><c>prerouting</c>, <c>input</c>, <c>forward</c>, <c>output</c> or <c>postrouting</c>.</param>
/// <param name="Priority">The lowest is called first.</param>
/// <param name="Drops">The policy for packets that no rule decides: drop; else accept.</param>
public sealed record NftHook(string Type, string Point, int Priority, bool Drops = false)
{
    /// <summary>nft's <c>raw</c>.</summary>
    public const int Raw = -300;

    /// <summary>nft's <c>mangle</c>.</summary>
    public const int Mangle = -150;

    /// <summary>nft's <c>dstnat</c>.</summary>
    public const int DestinationNat = -100;

    /// <summary>nft's <c>filter</c>.</summary>
    public const int FilterPriority = 0;

    /// <summary>nft's <c>srcnat</c>.</summary>
    public const int SourceNat = 100;

    private static readonly string[] Points = ["prerouting", "input", "forward", "output", "postrouting"];

    internal int Number =>
        Array.IndexOf(Points, Point) is >= 0 and var number ? number : throw new ArgumentException($"{Point} is not a hook");

    /// <summary>The hook in nft's syntax.</summary>
    public string Text =>
        string.Create(CultureInfo.InvariantCulture, $"type {Type} hook {Point} priority {Priority}; policy {(Drops ? "drop" : "accept")};");

    internal static string PointOf(int number) =>
        number is >= nf_tables.NF_INET_PRE_ROUTING and <= nf_tables.NF_INET_POST_ROUTING ? Points[number] : $"hook {number}";
}
