using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>
/// nf_tables by its netlink messages, at a cost that does not depend on what else is in the kernel. libnftables lists the tables before
/// each command, and aborts the process if its descriptor is 1024 or more (select).
/// </summary>
public sealed partial class NftSocket : IDisposable
{
    private const int ENOENT = 2;
    private const int ElementsOfMessage = 100;
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

    /// <summary>Makes all of the changes, or none.</summary>
    /// <exception cref="NetlinkException">EEXIST, ENOENT, EBUSY: see <see cref="NftTransaction"/>.</exception>
    public void Commit(NftTransaction changes, string operation) =>
        Commit([.. changes.Messages], $"{operation} the table {changes.Table}");

    /// <summary>Removes a table with its content, unless something jumps to that chain of it.</summary>
    public void DeleteUnless(NftTable table, string chain) => Commit(
        [
            DeleteChain(table, chain),
            DeleteTable(table),
        ],
        $"removing the table {table}");

    /// <summary>Closes the socket.</summary>
    public void Dispose() => socket.Dispose();

    private void Commit(List<RequestWriter> changes, string operation)
    {
        if (changes.Count == 0)
            return;
        changes[^1].Flags |= rtnl.NLM_F_ACK; // its acknowledgement comes last, after the commit
        socket.Change([Bound(nf_tables.NFNL_MSG_BATCH_BEGIN), .. changes, Bound(nf_tables.NFNL_MSG_BATCH_END)], operation);
    }

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

    private static RequestWriter Bound(ushort type) =>
        RequestWriter.For(type, 0, new nfgenmsg
        {
            version = nfnetlink.NFNETLINK_V0,
            res_id = BinaryPrimitives.ReverseEndianness(nf_tables.NFNL_SUBSYS_NFTABLES)
        });

    private static RequestWriter Request(ushort message, int flags, NftTable table) => RequestWriter.For(
        (ushort)((nf_tables.NFNL_SUBSYS_NFTABLES << 8) | message),
        (ushort)flags,
        new nfgenmsg { nfgen_family = table.Family, version = nfnetlink.NFNETLINK_V0 });

    private static RequestWriter Chain(ushort message, int flags, NftTable table, string chain) =>
        Request(message, flags, table).Text(nf_tables.NFTA_CHAIN_TABLE, table.Name).Text(nf_tables.NFTA_CHAIN_NAME, chain);

    internal static List<RequestWriter> NewElements(NftTable table, IEnumerable<SetElement> elements) =>
    [
        .. elements.GroupBy(element => element.IsShared).SelectMany(alike => ElementMessages(
            nf_tables.NFT_MSG_NEWSETELEM,
            alike.Key ? rtnl.NLM_F_CREATE : rtnl.NLM_F_CREATE | rtnl.NLM_F_EXCL,
            table,
            alike)),
    ];

    internal static List<RequestWriter> DeletedElements(NftTable table, IEnumerable<SetElement> elements) =>
        ElementMessages(nf_tables.NFT_MSG_DELSETELEM, 0, table, elements);

    private static RequestWriter ElementMessage(ushort message, int flags, NftTable table, SetElement element) =>
        ElementMessages(message, flags, table, [element])[0];

    // Many in one message: each error is a separate answer, and a list is limited by the type of its length.
    private static List<RequestWriter> ElementMessages(ushort message, int flags, NftTable table, IEnumerable<SetElement> elements)
    {
        var messages = new List<RequestWriter>();
        foreach (var alike in elements.GroupBy(element => element.Set, StringComparer.Ordinal))
        {
            foreach (var chunk in alike.Chunk(ElementsOfMessage))
            {
                var request = Request(message, flags, table).Text(nf_tables.NFTA_SET_ELEM_LIST_TABLE, table.Name)
                    .Text(nf_tables.NFTA_SET_ELEM_LIST_SET, alike.Key);
                using (request.Nest(nf_tables.NFTA_SET_ELEM_LIST_ELEMENTS))
                {
                    foreach (var element in chunk)
                        Write(request, element);
                }
                messages.Add(request);
            }
        }
        return messages;
    }

    private static void Write(RequestWriter request, SetElement element)
    {
        using (request.Nest(nf_tables.NFTA_LIST_ELEM))
        {
            if (element.IsEnd)
                request.NetworkInt32(nf_tables.NFTA_SET_ELEM_FLAGS, nf_tables.NFT_SET_ELEM_INTERVAL_END);
            Write(request, nf_tables.NFTA_SET_ELEM_KEY, element.Key);
            if (element.KeyEnd is { } end)
                Write(request, nf_tables.NFTA_SET_ELEM_KEY_END, end);
            if (element.Value is { } value)
                Write(request, nf_tables.NFTA_SET_ELEM_DATA, value);
            if (element.Verdict is { } verdict)
            {
                using (request.Nest(nf_tables.NFTA_SET_ELEM_DATA))
                using (request.Nest(nf_tables.NFTA_DATA_VERDICT))
                    request.NetworkInt32(nf_tables.NFTA_VERDICT_CODE, verdict.IsGoto ? nf_tables.NFT_GOTO : nf_tables.NFT_JUMP)
                        .Text(nf_tables.NFTA_VERDICT_CHAIN, verdict.Chain);
            }
            if (element.Comment.Length > 0)
                request.Bytes(nf_tables.NFTA_SET_ELEM_USERDATA, UserData.Comment(nf_tables.NFTNL_UDATA_SET_ELEM_COMMENT, element.Comment));
        }
    }

    private static void Write(RequestWriter request, ushort attribute, byte[] value)
    {
        using (request.Nest(attribute))
            request.Bytes(nf_tables.NFTA_DATA_VALUE, value);
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
