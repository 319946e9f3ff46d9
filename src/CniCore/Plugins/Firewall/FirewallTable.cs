using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using CniCore.Spec;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// The table that knows who passes where, and drops what the policy or Docker's networks forbid: a drop is final whatever iptables admits,
/// in either of its back ends, before and after somebody rewrites it. Asked in the namespace of the calling thread.
/// </summary>
internal static class FirewallTable
{
    public const string Name = "inet cnid_firewall";
    private const string Shared = "of the interface";

    // Reference: plugins/meta/firewall/iptables_same_bridge.go, whose second stage drops answers too. The interface's kind is asked per
    // packet, so Docker networks made later are covered.
    internal static readonly RuleTable Table = new(
        new(NftTable.Parse(Name))
        {
            Sets =
            [
                new("members", "ifname . ether_addr : verdict"),
                new("members4", "ipv4_addr . ether_addr : verdict"),
                new("members6", "ipv6_addr . ether_addr : verdict"),
                new("ours", "ifname"),
                new("within", "ifname . ifname"),
                new("closed", "ifname"),
                new("apart", "ifname . ifname"),
                new("uplinks", "ifname"),
            ],
            Chains =
            [
                new("member"),
                new("forward", new("filter", "forward", NftHook.FilterPriority - 5))
                {
                    { IifName.Dot(OifName).In("apart"), Drop },
                    { IifName.Dot(OifName).In("within"), Accept },
                    { IifName.In("closed"), OifName.In("closed"), Drop },
                    { CtState("established", "related"), Accept },
                    { CtStatus("dnat"), Accept },
                    { IifName.In("ours"), OifName.In("ours"), Accept },
                    { IifName.In("ours"), OifKind.Is("bridge"), OifName.NotIn("uplinks"), Drop },
                    { OifName.In("ours"), IifKind.Is("bridge"), IifName.NotIn("uplinks"), Drop },
                },
            ],
        },
        ["members", "members4", "members6"],
        "member");

    private static readonly string[] SharedSets = ["ours", "within", "closed", "apart"];

    // A member seen at a passage by an earlier DEL: while it is there, the others have not to be listed.
    private static readonly ConcurrentDictionary<Passage, string> Witnesses = new();

    /// <summary>Enters the attachment. What it had under the same key is replaced.</summary>
    public static void Add(AttachmentTag tag, FirewallConfig config, IReadOnlyList<Passage> passages)
    {
        var policy = passages.Where(passage => passage.Interface is not null && !passage.IsUplink())
            .SelectMany(passage => Policy(config, passage.Key));
        Table.Add([.. passages.Select(passage => Member(tag, passage))], old => tag.Owns(old.Comment), shared: [.. policy]);
    }

    /// <summary>All that an attachment has in it, and shares there.</summary>
    public static IEnumerable<RuleElement> ElementsOf(AttachmentTag tag, FirewallConfig config, IReadOnlyList<Passage> passages) =>
        passages.Select(passage => Member(tag, passage))
            .Concat(passages.Where(passage => passage.Interface is not null && !passage.IsUplink())
            .SelectMany(passage => PolicyElements(config, passage.Key)));

    /// <summary>Whether attachments pass there, and all that comes from it is theirs.</summary>
    public static bool IsInward(string name) => Table.Find("ours", $"\"{name}\"") is not null;

    /// <summary>Where the attachment is entered.</summary>
    /// <param name="tag">The attachment.</param>
    /// <param name="known">Where it should be: saves reading all of them.</param>
    public static IReadOnlyList<Passage> PassagesOf(AttachmentTag tag, IReadOnlyList<Passage> known)
    {
        List<Passage> there =
            [.. known.Where(passage => Table.Find(Map(passage), Key(tag, passage)) is { } member && tag.Owns(member.Comment))];
        return there.Count > 0 ? there : PassagesOf(tag.Owns);
    }

    /// <summary>Where those are entered whom the comment names.</summary>
    public static IReadOnlyList<Passage> PassagesOf(Func<string, bool> which)
    {
        return [.. Table.Elements().Where(element => which(element.Comment)).Select(PassageOf).Distinct()];
    }

    /// <summary>Whether somebody else is entered there.</summary>
    public static bool IsUsed(Passage passage, Func<string, bool> notBy)
    {
        if (Witnesses.TryGetValue(passage, out var witness) && Table.Find(Map(passage), witness) is { } seen && !notBy(seen.Comment))
            return true;
        if (Table.Elements(Map(passage)).FirstOrDefault(member => PassageOf(member) == passage && !notBy(member.Comment)) is not { } other)
        {
            Witnesses.TryRemove(passage, out _);
            return false;
        }
        Witnesses[passage] = other.Key;
        return true;
    }

    /// <summary>Removes whom the comment names.</summary>
    /// <param name="goes">Which, by their comment.</param>
    /// <param name="known">Where they are entered, if that is known: saves reading all of them.</param>
    public static void Remove(Func<string, bool> goes, Func<IEnumerable<RuleElement>>? known = null) =>
        Table.Delete(goes, known is null ? null : () => [.. known()]);

    /// <summary>Ends the policy of passages that nobody uses any more.</summary>
    public static void Forget(IReadOnlyList<Passage> unused)
    {
        if (PolicyOf(unused) is { Count: > 0 } policy)
            Table.Delete(_ => false, () => policy);
    }

    /// <summary>The entry of an attachment at a passage.</summary>
    public static RuleElement Member(AttachmentTag tag, Passage passage) =>
        new(Map(passage), Key(tag, passage), tag.ToString(), "goto member");

    // What is missing of it: an attachment that is not the first at its passage finds all there.
    private static List<RuleElement> Policy(FirewallConfig config, string name)
    {
        var elements = PolicyElements(config, name);
        elements.RemoveAll(element => Table.Find(element.Set, element.Key) is not null);
        if (elements.Count == 0)
            return [];
        using var route = RouteSocket.Open();
        elements.AddRange(UplinkBridges.Of(route).Select(uplink => new RuleElement("uplinks", $"\"{uplink}\"", Shared)));
        return elements;
    }

    private static List<RuleElement> PolicyElements(FirewallConfig config, string name)
    {
        List<RuleElement> elements = [new("ours", name, Shared), new("within", $"{name} . {name}", Shared)];
        if (config.IsClosed)
            elements.Add(new("closed", name, Shared));
        if (config.IsApart)
            elements.Add(new("apart", $"{name} . {name}", Shared));
        return elements;
    }

    private static List<RuleElement> PolicyOf(IReadOnlyList<Passage> passages) =>
    [
        .. from passage in passages
           where passage.Interface is not null
           from set in SharedSets
           let key = set is "within" or "apart" ? $"{passage.Key} . {passage.Key}" : passage.Key
           where Table.Find(set, key) is not null
           select new RuleElement(set, key, Shared),
    ];

    private static string Map(Passage passage) => passage switch
    {
        { Interface: not null } => "members",
        { Address.AddressFamily: AddressFamily.InterNetwork } => "members4",
        _ => "members6",
    };

    // Attachments share a passage, so their keys need a part of their own; 48 bits of a hash is what a set has a type for.
    private static string Key(AttachmentTag tag, Passage passage)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(tag.Identity)).Take(6);
        return $"{passage.Key} . {string.Join(':', hash.Select(part => part.ToString("x2", null)))}";
    }

    private static Passage PassageOf(RuleElement member)
    {
        var key = member.Key[..member.Key.LastIndexOf(" . ", StringComparison.Ordinal)];
        return member.Set == "members" ? new(key.Trim('"'), null) : new(null, AddressText.Parse(key));
    }
}
