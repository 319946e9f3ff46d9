using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>A table by family and name.</summary>
internal readonly record struct NftTable(byte Family, string Name)
{
    /// <summary>Reads <c>inet cnid_ports</c>; the family is <c>ip</c>, <c>ip6</c> or <c>inet</c>.</summary>
    public static NftTable Parse(string text)
    {
        var parts = text.Split(' ');
        return new(parts[0] switch { "ip" => nf_tables.NFPROTO_IPV4, "ip6" => nf_tables.NFPROTO_IPV6, _ => nf_tables.NFPROTO_INET }, parts[1]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Family switch { nf_tables.NFPROTO_IPV4 => "ip", nf_tables.NFPROTO_IPV6 => "ip6", _ => "inet" }} {Name}";
}
