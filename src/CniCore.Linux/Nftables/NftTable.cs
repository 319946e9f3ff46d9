using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>A table by family and name.</summary>
/// <param name="Family">The kernel's number for <c>inet</c>, <c>ip</c>, <c>ip6</c> or <c>bridge</c>.</param>
/// <param name="Name">Its name in that family.</param>
public readonly record struct NftTable(byte Family, string Name)
{
    private static readonly Dictionary<string, byte> Families = new(StringComparer.Ordinal)
    {
        ["inet"] = nf_tables.NFPROTO_INET,
        ["ip"] = nf_tables.NFPROTO_IPV4,
        ["bridge"] = nf_tables.NFPROTO_BRIDGE,
        ["ip6"] = nf_tables.NFPROTO_IPV6,
    };

    internal bool IsKnown => Families.ContainsValue(Family);

    /// <summary>Parses <c>inet cnid_ports</c>.</summary>
    public static NftTable Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(' ') is [var family, var name] && Families.TryGetValue(family, out var number)
            ? new(number, name)
            : throw new FormatException($"{text} is not the family and name of a table");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var number = Family;
        return $"{Families.FirstOrDefault(family => family.Value == number).Key ?? $"family {number}"} {Name}";
    }
}
