using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>
/// The table <c>bridge cnid_routers</c>: drops advertisements by which a container would become the router of its neighbours. They do not
/// leave the bridge, so only its own family sees them. What has two VLAN tags is dropped too, as it could be anything.
/// </summary>
internal sealed class RouterTable(HostNetwork host)
{
    private const int EOPNOTSUPP = 95;

    /// <summary>The table without elements.</summary>
    public static readonly TableDefinition Definition = new(NftTable.Parse("bridge cnid_routers"))
    {
        Sets = [new("ports", "ifname : verdict")],
        Chains =
        [
            new("node") { { L4Proto.Is("ipv6-icmp"), RouterAdvertisement, Drop }, { Tagged8021Q, Drop }, { Tagged8021AD, Drop } },
            new("prerouting", new("filter", "prerouting", -300)) { IifName.VMap("ports") },
        ],
    };

    public RuleTable Table { get; } = new(host, Definition, ["ports"], "node");

    /// <summary>Whether the kernel has tables of the family bridge. Without them, networks work as well.</summary>
    public bool IsSupported { get; private set; } = true;

    /// <summary>The elements of an attachment.</summary>
    public static WantedTable Wanted(AttachmentTag tag, IEnumerable<string> ports) => new(Definition)
    {
        Elements = [.. ports.Select(port => Element(tag, port))],
    };

    public void Add(AttachmentTag tag, string port)
    {
        try
        {
            Table.Add([Element(tag, port)], old => old.Key == $"\"{port}\"");
        }
        catch (NetlinkException fault) when (fault.Errno == EOPNOTSUPP)
        {
            IsSupported = false;
        }
    }

    public void Remove(AttachmentTag tag, string port) => Table.Delete(tag.Owns, () => [Element(tag, port)]);

    /// <summary>For GC: removes elements of the network that belong to none of these attachments.</summary>
    public void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        Table.Delete(comment => AttachmentTag.IsStale(comment, network, identities));

    /// <summary>Removes elements whose port is gone, and that belong to none of these attachments.</summary>
    public void RemoveWithoutPort(Func<IReadOnlySet<string>> identities) => Table.DeleteWithoutInterface(identities);

    private static RuleElement Element(AttachmentTag tag, string port) => new("ports", $"\"{port}\"", tag.ToString(), "goto node");
}
