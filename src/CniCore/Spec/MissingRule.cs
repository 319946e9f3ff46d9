namespace CniCore.Spec;

/// <summary>A rule of an attachment's that should stand on the host, and does not.</summary>
/// <param name="Place">The table or chain: <c>inet cnid_ports</c>, <c>iptables CNID-CNI</c>.</param>
/// <param name="Text">The rule or the element, in the words of nft or iptables.</param>
public readonly record struct MissingRule(string Place, string Text);
