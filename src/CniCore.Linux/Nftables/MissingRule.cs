namespace CniCore.Linux.Nftables;

/// <summary>A rule, or an element of a set, that should be on the host and is not.</summary>
/// <param name="Place">The table or chain: <c>inet cnid_ports</c>, <c>iptables CNID-CNI</c>.</param>
/// <param name="Text">The rule or the element, as nft or iptables writes it.</param>
public readonly record struct MissingRule(string Place, string Text);
