using System.Security.Cryptography;
using System.Text;

namespace CniCore.Firewall;

/// <summary>
/// The comment on an attachment's rules and set elements, unique to the attachment. nftables allows 128 bytes and ids can be longer, so the
/// comment starts with a hash; readable parts follow.
/// </summary>
internal readonly record struct AttachmentTag(string Network, string ContainerId, string IfName)
{
    private const int NameLength = 32;
    private const string Admitted = "admitted";

    /// <summary>
    /// Whether the runtime has admitted the attachment by itself (<c>cnid-admission</c>): no other program writes or removes such rules.
    /// </summary>
    public bool IsAdmission { get; init; }

    /// <summary>Two hashes, 16 and 24 hex digits: of the network, and of container and interface.</summary>
    public string Identity => $"{NetworkPart(Network)}-{Hash($"{ContainerId}/{IfName}", 24)}";

    /// <summary>The part that all attachments of a network share; GC finds them by it.</summary>
    public static string NetworkPart(string network) => Hash(network, 16);

    /// <summary>The comment: the identity, then text for people.</summary>
    public override string ToString() => $"{Identity} {(IsAdmission ? Admitted + " " : "")}{Cut(Network)} "
        + $"{Cut(ContainerId)[..Math.Min(12, ContainerId.Length)]} {IfName}";

    /// <summary>Whether the comment is of an admission for none of the attachments with these identities.</summary>
    public static bool IsStrayAdmission(string comment, IReadOnlySet<string> identities) =>
        comment.Split(' ') is [var identity, Admitted, _, _, _] && !identities.Contains(identity);

    /// <summary>The identity with which the comment begins.</summary>
    public static string IdentityIn(string comment) => comment.Split(' ', 2)[0];

    /// <summary>Whether the comment is this attachment's.</summary>
    public bool Owns(string comment) => comment.StartsWith(Identity + " ", StringComparison.Ordinal);

    /// <summary>Whether the comment is of an attachment of the same container.</summary>
    public bool OwnsContainer(string comment) =>
        IdentityIn(comment).EndsWith($"-{Hash($"{ContainerId}/{comment[(comment.LastIndexOf(' ') + 1)..]}", 24)}",
            StringComparison.Ordinal);

    /// <summary>Whether the comment is of an attachment of that network without one of these identities. For GC.</summary>
    public static bool IsStale(string comment, string network, IReadOnlySet<string> identities) =>
        comment.StartsWith(NetworkPart(network) + "-", StringComparison.Ordinal) && !identities.Contains(IdentityIn(comment));

    private static string Cut(string name) => name.Length <= NameLength ? name : name[..NameLength];

    private static string Hash(string text, int digits) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits];
}
