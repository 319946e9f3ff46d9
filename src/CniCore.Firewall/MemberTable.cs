using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>
/// The table of the attachments behind each selector. It drops what their policy or Docker's networks forbid: a drop is final, whatever
/// iptables accepts, in either back end and after any rewrite.
/// </summary>
internal sealed class MemberTable(HostNetwork host)
{
    private const string Shared = "of the interface";

    // Reference: plugins/meta/firewall/iptables_same_bridge.go, whose second stage drops answers too. The kind of the interface is asked
    // for each packet, so later Docker networks are covered.
    public static readonly TableDefinition Definition = new(NftTable.Parse("inet cnid_firewall"))
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
    };

    private static readonly string[] SharedSets = ["ours", "within", "closed", "apart"];

    // A member that an earlier DEL saw at a selector. While it exists, the selector is in use, without listing all members.
    private readonly ConcurrentDictionary<TrafficSelector, string> witnesses = new();

    public RuleTable Table { get; } = new(host, Definition, ["members", "members4", "members6"], "member");

    /// <summary>The elements of an attachment, and those that it shares.</summary>
    public static WantedTable Wanted(AttachmentTag tag, FirewallPolicy policy) => new(Definition)
    {
        Elements =
        [
            .. policy.Traffic.Select(selector => Member(tag, selector)),
            .. Inward(policy).SelectMany(name => PolicyOf(policy, name)),
        ],
    };

    /// <summary>Adds the attachment. Replaces elements with the same key.</summary>
    public void Add(AttachmentTag tag, FirewallPolicy policy) =>
        Table.Add(
            [.. policy.Traffic.Select(selector => Member(tag, selector))],
            old => tag.Owns(old.Comment),
            shared: [.. Inward(policy).SelectMany(name => MissingOf(policy, name))]);

    /// <summary>Whether an attachment uses the selector, and all its packets are the attachments'.</summary>
    public bool IsInward(string name) => Table.Find("ours", $"\"{name}\"") is not null;

    /// <summary>The selectors of the attachment.</summary>
    /// <param name="tag">The attachment.</param>
    /// <param name="known">The expected selectors; saves reading all elements.</param>
    public IReadOnlyList<TrafficSelector> SelectorsOf(AttachmentTag tag, IReadOnlyList<TrafficSelector> known)
    {
        List<TrafficSelector> there =
            [.. known.Where(selector => Table.Find(Map(selector), Key(tag, selector)) is { } member && tag.Owns(member.Comment))];
        return there.Count > 0 ? there : SelectorsOf(tag.Owns);
    }

    /// <summary>The selectors of the attachments that match the comment.</summary>
    public IReadOnlyList<TrafficSelector> SelectorsOf(Func<string, bool> which)
    {
        return [.. Table.Elements().Where(element => which(element.Comment)).Select(SelectorOf).Distinct()];
    }

    /// <summary>Whether other attachments use the selector.</summary>
    public bool IsUsed(TrafficSelector selector, Func<string, bool> notBy)
    {
        if (witnesses.TryGetValue(selector, out var witness) && Table.Find(Map(selector), witness) is { } seen && !notBy(seen.Comment))
            return true;
        var members = Table.Elements(Map(selector));
        if (members.FirstOrDefault(member => SelectorOf(member) == selector && !notBy(member.Comment)) is not { } other)
        {
            witnesses.TryRemove(selector, out _);
            return false;
        }
        witnesses[selector] = other.Key;
        return true;
    }

    /// <summary>Removes the attachments that match the comment.</summary>
    /// <param name="goes">Matches the comments.</param>
    /// <param name="known">Their elements, if known; saves reading all elements.</param>
    public void Remove(Func<string, bool> goes, Func<IEnumerable<RuleElement>>? known = null) =>
        Table.Delete(goes, known is null ? null : () => [.. known()]);

    /// <summary>Removes the policies of selectors that no attachment uses.</summary>
    public void Forget(IReadOnlyList<TrafficSelector> unused)
    {
        if (PolicyThere(unused) is { Count: > 0 } policy)
            Table.Delete(_ => false, () => policy);
    }

    /// <summary>The element of an attachment at a selector.</summary>
    public static RuleElement Member(AttachmentTag tag, TrafficSelector selector) =>
        new(Map(selector), Key(tag, selector), tag.ToString(), "goto member");

    // The selectors whose packets are all the containers'.
    private static IEnumerable<string> Inward(FirewallPolicy policy) => policy.Traffic
        .Where(selector => selector.Interface is not null && !policy.Uplinks.Contains(selector))
        .Select(selector => selector.Key);

    // A further attachment at the same interface finds the elements there.
    private List<RuleElement> MissingOf(FirewallPolicy policy, string name)
    {
        var elements = PolicyOf(policy, name);
        elements.RemoveAll(element => Table.Find(element.Set, element.Key) is not null);
        if (elements.Count == 0)
            return [];
        using var routes = host.OpenRoutes();
        elements.AddRange(UplinkBridges.Of(routes).Select(uplink => new RuleElement("uplinks", $"\"{uplink}\"", Shared)));
        return elements;
    }

    private static List<RuleElement> PolicyOf(FirewallPolicy policy, string name)
    {
        List<RuleElement> elements = [new("ours", name, Shared), new("within", $"{name} . {name}", Shared)];
        if (policy.Ingress != Ingress.Open)
            elements.Add(new("closed", name, Shared));
        if (policy.Ingress == Ingress.None)
            elements.Add(new("apart", $"{name} . {name}", Shared));
        return elements;
    }

    private List<RuleElement> PolicyThere(IReadOnlyList<TrafficSelector> selectors) =>
    [
        .. from selector in selectors
           where selector.Interface is not null
           from set in SharedSets
           let key = set is "within" or "apart" ? $"{selector.Key} . {selector.Key}" : selector.Key
           where Table.Find(set, key) is not null
           select new RuleElement(set, key, Shared),
    ];

    private static string Map(TrafficSelector selector) => selector switch
    {
        { Interface: not null } => "members",
        { Address.AddressFamily: AddressFamily.InterNetwork } => "members4",
        _ => "members6",
    };

    // Attachments share a selector, so the key needs a part of their own: 48 bits of a hash, for which nf_tables has a type.
    private static string Key(AttachmentTag tag, TrafficSelector selector)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(tag.Identity)).Take(6);
        return $"{selector.Key} . {string.Join(':', hash.Select(part => part.ToString("x2", null)))}";
    }

    private static TrafficSelector SelectorOf(RuleElement member)
    {
        var key = member.Key[..member.Key.LastIndexOf(" . ", StringComparison.Ordinal)];
        return member.Set == "members" ? new(key.Trim('"'), null) : new(null, AddressText.Parse(key));
    }
}
