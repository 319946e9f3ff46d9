using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>A table by family and name.</summary>
internal readonly record struct NftTable(byte Family, string Name)
{
    private static readonly Dictionary<string, byte> Families = new(StringComparer.Ordinal)
    {
        ["inet"] = nf_tables.NFPROTO_INET,
        ["ip"] = nf_tables.NFPROTO_IPV4,
        ["bridge"] = nf_tables.NFPROTO_BRIDGE,
        ["ip6"] = nf_tables.NFPROTO_IPV6,
    };

    /// <summary>Reads <c>inet cnid_ports</c>.</summary>
    public static NftTable Parse(string text) => text.Split(' ') is [var family, var name] ? new(Families[family], name) : throw new FormatException($"{text} is no family and name of a table");

    /// <inheritdoc/>
    public override string ToString()
    {
        var number = Family;
        return $"{Families.First(family => family.Value == number).Key} {Name}";
    }
}
