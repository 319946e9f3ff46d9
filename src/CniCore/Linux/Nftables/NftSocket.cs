using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>
/// nf_tables by its own messages, for what is done again and again: elements come, go and are looked up, whatever else is there, in some ten
/// microseconds. libnftables lists the tables it works on before each command, which takes longer with each element. It still writes the rules.
/// </summary>
internal sealed partial class NftSocket : IDisposable
{
    private const int ENOENT = 2;
    private static readonly Lock Opening = new();
    private static NftSocket? ofProcess;
    private readonly NetlinkSocket socket;
    private readonly bool isShared;

    private NftSocket(NetlinkSocket socket, bool isShared) => (this.socket, this.isShared) = (socket, isShared);

    /// <summary>
    /// In the namespace of the calling thread. That of the process keeps its one: closing a socket over which something was removed waits until
    /// no processor sees that any more, some 10 ms, and keeps all others waiting (nf_tables_api.c, nft_rcv_nl_event).
    /// </summary>
    public static NftSocket Open()
    {
        if (NetworkNamespace.IsElsewhere)
            return new(NetlinkSocket.Open(nfnetlink.NETLINK_NETFILTER), isShared: false);
        lock (Opening)
            return ofProcess ??= new(NetlinkSocket.Open(nfnetlink.NETLINK_NETFILTER), isShared: true);
    }

    public bool HasTable(NftTable table) =>
        socket.Find(Request(nf_tables.NFT_MSG_GETTABLE, rtnl.NLM_F_ACK, table).Text(nf_tables.NFTA_TABLE_NAME, table.Name), Anything, $"looking for the table {table}") is not null;

    public bool HasChain(NftTable table, string chain) =>
        socket.Find(Chain(nf_tables.NFT_MSG_GETCHAIN, rtnl.NLM_F_ACK, table, chain), Anything, $"looking for the chain {chain}") is not null;

    /// <summary>The element with that key; null where there is none, or no such set.</summary>
    public SetElement? Find(NftTable table, SetElement element) => socket.Find(
        ElementMessage(nf_tables.NFT_MSG_GETSETELEM, rtnl.NLM_F_ACK, table, element),
        body => ReadElements(body).FirstOrDefault(),
        $"looking for an element of {element.Set}");

    /// <summary>All elements of a set; null where there is no such set.</summary>
    public IReadOnlyList<SetElement>? Elements(NftTable table, string set) => DumpOrNothing(
        () => Request(nf_tables.NFT_MSG_GETSETELEM, rtnl.NLM_F_DUMP, table).Text(nf_tables.NFTA_SET_ELEM_LIST_TABLE, table.Name).Text(nf_tables.NFTA_SET_ELEM_LIST_SET, set),
        ReadElements,
        $"listing the set {set}") is { } lists ? [.. lists.SelectMany(list => list)] : null;

    /// <summary>Puts elements in, all or none. One that is there already is a fault, unless it is shared.</summary>
    public void Create(NftTable table, IEnumerable<SetElement> elements) =>
        Commit([.. elements.Select(element => NewElement(table, element))], $"adding to the table {table}");

    /// <summary>Takes elements out, all or none. One that is not there is a fault.</summary>
    public void Delete(NftTable table, IEnumerable<SetElement> elements) =>
        Commit([.. elements.Select(element => ElementMessage(nf_tables.NFT_MSG_DELSETELEM, 0, table, element))], $"removing from the table {table}");

    /// <summary>Removes a table with all that is in it, unless something leads to that chain of it.</summary>
    public void DeleteUnless(NftTable table, string chain) => Commit(
        [
            Chain(nf_tables.NFT_MSG_DELCHAIN, 0, table, chain),
            Request(nf_tables.NFT_MSG_DELTABLE, 0, table).Text(nf_tables.NFTA_TABLE_NAME, table.Name),
        ],
        $"removing the table {table}");

    public void Dispose()
    {
        if (!isShared)
            socket.Dispose();
    }

    private void Commit(IReadOnlyList<RequestWriter> changes, string operation)
    {
        if (changes.Count == 0)
            return;
        changes[^1].Flags |= rtnl.NLM_F_ACK; // its word comes last, and after the commit
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

    private static RequestWriter Bound(ushort type) => RequestWriter.For(type, 0, new nfgenmsg { version = nfnetlink.NFNETLINK_V0, res_id = BinaryPrimitives.ReverseEndianness(nf_tables.NFNL_SUBSYS_NFTABLES) });

    private static RequestWriter Request(ushort message, int flags, NftTable table) => RequestWriter.For(
        (ushort)((nf_tables.NFNL_SUBSYS_NFTABLES << 8) | message),
        (ushort)flags,
        new nfgenmsg { nfgen_family = table.Family, version = nfnetlink.NFNETLINK_V0 });

    private static RequestWriter Chain(ushort message, int flags, NftTable table, string chain) =>
        Request(message, flags, table).Text(nf_tables.NFTA_CHAIN_TABLE, table.Name).Text(nf_tables.NFTA_CHAIN_NAME, chain);

    private static RequestWriter NewElement(NftTable table, SetElement element) =>
        ElementMessage(nf_tables.NFT_MSG_NEWSETELEM, element.IsShared ? rtnl.NLM_F_CREATE : rtnl.NLM_F_CREATE | rtnl.NLM_F_EXCL, table, element);

    private static RequestWriter ElementMessage(ushort message, int flags, NftTable table, SetElement element)
    {
        var request = Request(message, flags, table).Text(nf_tables.NFTA_SET_ELEM_LIST_TABLE, table.Name).Text(nf_tables.NFTA_SET_ELEM_LIST_SET, element.Set);
        using (request.Nest(nf_tables.NFTA_SET_ELEM_LIST_ELEMENTS))
        using (request.Nest(nf_tables.NFTA_LIST_ELEM))
        {
            Write(request, nf_tables.NFTA_SET_ELEM_KEY, element.Key);
            if (element.Value is { } value)
                Write(request, nf_tables.NFTA_SET_ELEM_DATA, value);
            if (element.Verdict is { } verdict)
            {
                using (request.Nest(nf_tables.NFTA_SET_ELEM_DATA))
                using (request.Nest(nf_tables.NFTA_DATA_VERDICT))
                    request.NetworkInt32(nf_tables.NFTA_VERDICT_CODE, verdict.IsGoto ? nf_tables.NFT_GOTO : nf_tables.NFT_JUMP).Text(nf_tables.NFTA_VERDICT_CHAIN, verdict.Chain);
            }
            if (element.Comment.Length > 0)
            {
                byte[] text = [.. Encoding.UTF8.GetBytes(element.Comment), 0];
                request.Bytes(nf_tables.NFTA_SET_ELEM_USERDATA, [nf_tables.NFTNL_UDATA_SET_ELEM_COMMENT, (byte)text.Length, .. text]);
            }
        }
        return request;
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
                case nf_tables.NFTA_SET_ELEM_DATA: element = element with { Value = Data(fields.Value), Verdict = VerdictOf(fields.Value) }; break;
                case nf_tables.NFTA_SET_ELEM_USERDATA when fields.Value is [nf_tables.NFTNL_UDATA_SET_ELEM_COMMENT, var length, ..]:
                    element = element with { Comment = Encoding.UTF8.GetString(fields.Value.Slice(2, length).TrimEnd((byte)0)) };
                    break;
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
