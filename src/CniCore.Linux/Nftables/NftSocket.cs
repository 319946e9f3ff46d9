using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using static CniCore.Linux.Nftables.NftMessages;

namespace CniCore.Linux.Nftables;

/// <summary>
/// nf_tables by its netlink messages, at a cost that does not depend on what else is in the kernel. libnftables lists the tables before
/// each command, and aborts the process if its descriptor is 1024 or more (select).
/// </summary>
public sealed partial class NftSocket : IDisposable
{
    private const int ENOENT = 2;
    private readonly NetlinkSocket socket;

    internal NftSocket(NetlinkSocket socket) => this.socket = socket;

    /// <summary>Opens it in the namespace of the calling thread.</summary>
    /// <exception cref="NetlinkException">EMFILE: there are no free descriptors.</exception>
    public static NftSocket Open() => new(NetlinkSocket.Open(nfnetlink.NETLINK_NETFILTER));

    /// <summary>Opens it in that namespace; usable from any thread.</summary>
    public static NftSocket OpenIn(NetworkNamespace netns)
    {
        ArgumentNullException.ThrowIfNull(netns);
        return netns.Inside(Open);
    }

    /// <summary>Whether the table exists, by family and name.</summary>
    public bool HasTable(NftTable table) =>
        socket.Find(Request(nf_tables.NFT_MSG_GETTABLE, rtnl.NLM_F_ACK, table).Text(nf_tables.NFTA_TABLE_NAME, table.Name), Anything,
            $"looking for the table {table}") is not null;

    /// <summary>
    /// The kernel's handle of the table; a table that is removed and created again gets another one. Null if it does not exist.
    /// </summary>
    public string? HandleOf(NftTable table) => socket.Find(
        Request(nf_tables.NFT_MSG_GETTABLE, rtnl.NLM_F_ACK, table).Text(nf_tables.NFTA_TABLE_NAME, table.Name),
        body => Convert.ToHexStringLower(Attribute(body, nf_tables.NFTA_TABLE_HANDLE)),
        $"looking for the table {table}");

    /// <summary>Whether the table has a chain of that name.</summary>
    public bool HasChain(NftTable table, string chain) =>
        socket.Find(Chain(nf_tables.NFT_MSG_GETCHAIN, rtnl.NLM_F_ACK, table, chain), Anything,
            $"looking for the chain {chain}") is not null;

    /// <summary>The element with that key; null if it or the set does not exist.</summary>
    public SetElement? Find(NftTable table, SetElement element) => socket.Find(
        ElementMessage(nf_tables.NFT_MSG_GETSETELEM, rtnl.NLM_F_ACK, table, element),
        body => ReadElements(body).FirstOrDefault(),
        $"looking for an element of {element.Set}");

    /// <summary>All elements of a set; null if the set does not exist.</summary>
    public IReadOnlyList<SetElement>? Elements(NftTable table, string set) => DumpOrNothing(
        () => Request(nf_tables.NFT_MSG_GETSETELEM, rtnl.NLM_F_DUMP, table).Text(nf_tables.NFTA_SET_ELEM_LIST_TABLE, table.Name)
            .Text(nf_tables.NFTA_SET_ELEM_LIST_SET, set),
        ReadElements,
        $"listing the set {set}") is { } lists ? [.. lists.SelectMany(list => list)] : null;

    /// <summary>The rules of a chain of iptables' filter table, in order; empty if the chain does not exist.</summary>
    public IReadOnlyList<FilterRule> FilterRules(NftTable table, string chain) => DumpOrNothing(
        () => Rule(nf_tables.NFT_MSG_GETRULE, rtnl.NLM_F_DUMP, table, chain),
        FilterRuleForm.Read,
        $"listing the chain {chain}") ?? [];

    /// <summary>Makes all of the changes, or none.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="operation">What is done to the table, for the message of an exception: <c>adding to</c>.</param>
    /// <exception cref="NetlinkException">The kernel refuses, and nothing has changed. EEXIST, ENOENT, EBUSY: see
    /// <see cref="NftTransaction"/>.</exception>
    public void Commit(NftTransaction changes, string operation)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Messages is not [.., var last])
            return;
        last.Flags |= rtnl.NLM_F_ACK; // its acknowledgement comes last, after the commit
        socket.Change([BatchBegin(), .. changes.Messages, BatchEnd()], $"{operation} the table {changes.Table}");
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => socket.Dispose();

    private List<T>? DumpOrNothing<T>(Func<RequestWriter> request, MessageReader<T> read, string operation) where T : class
    {
        try
        {
            return socket.Dump(request, read, operation);
        }
        catch (NetlinkException fault) when (fault.Errno == ENOENT)
        {
            return null;
        }
    }

    private static string Anything(ReadOnlySpan<byte> body) => "";

    private static List<SetElement> ReadElements(ReadOnlySpan<byte> body)
    {
        var (set, found) = ("", new List<SetElement>());
        var attributes = new AttributeReader(body[Marshal.SizeOf<nfgenmsg>()..]);
        while (attributes.Next())
        {
            if (attributes.Type == nf_tables.NFTA_SET_ELEM_LIST_SET)
                set = attributes.Text;
            if (attributes.Type != nf_tables.NFTA_SET_ELEM_LIST_ELEMENTS)
                continue;
            var elements = new AttributeReader(attributes.Value);
            while (elements.Next())
                found.Add(ReadElement(set, elements.Value));
        }
        return found;
    }

    private static SetElement ReadElement(string set, ReadOnlySpan<byte> body)
    {
        var element = new SetElement(set, []);
        var fields = new AttributeReader(body);
        while (fields.Next())
        {
            switch (fields.Type)
            {
                case nf_tables.NFTA_SET_ELEM_KEY: element = element with { Key = Data(fields.Value) ?? [] }; break;
                case nf_tables.NFTA_SET_ELEM_KEY_END: element = element with { KeyEnd = Data(fields.Value) }; break;
                case nf_tables.NFTA_SET_ELEM_FLAGS:
                    element = element with { IsEnd = (fields.NetworkInt32 & nf_tables.NFT_SET_ELEM_INTERVAL_END) != 0 }; break;
                case nf_tables.NFTA_SET_ELEM_DATA:
                    element = element with { Value = Data(fields.Value), Verdict = VerdictOf(fields.Value) }; break;
                case nf_tables.NFTA_SET_ELEM_USERDATA:
                    element = element with { Comment = UserData.TextOf(fields.Value, nf_tables.NFTNL_UDATA_SET_ELEM_COMMENT) }; break;
            }
        }
        return element;
    }

    private static byte[]? Data(ReadOnlySpan<byte> body)
    {
        var data = new AttributeReader(body);
        return data.Next() && data.Type == nf_tables.NFTA_DATA_VALUE ? data.Value.ToArray() : null;
    }

    private static (bool IsGoto, string Chain)? VerdictOf(ReadOnlySpan<byte> body)
    {
        var data = new AttributeReader(body);
        if (!data.Next() || data.Type != nf_tables.NFTA_DATA_VERDICT)
            return null;
        var (isGoto, chain) = (false, "");
        var verdict = new AttributeReader(data.Value);
        while (verdict.Next())
        {
            if (verdict.Type == nf_tables.NFTA_VERDICT_CODE)
                isGoto = verdict.NetworkInt32 == nf_tables.NFT_GOTO;
            else if (verdict.Type == nf_tables.NFTA_VERDICT_CHAIN)
                chain = verdict.Text;
        }
        return (isGoto, chain);
    }
}
