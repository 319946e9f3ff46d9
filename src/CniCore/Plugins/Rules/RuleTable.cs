using System.Collections.Concurrent;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.Rules;

/// <summary>
/// A table of ours: rules that never change over sets that attachments put their elements into, so a packet costs the same with one
/// attachment and with a thousand, and so does an attachment. It comes with the first element and goes with the last. All of it is in the
/// namespace of the calling thread.
/// </summary>
/// <param name="name">Family and name: <c>inet cnid_masquerade</c>.</param>
/// <param name="rules">What stands in it, in nft's table syntax.</param>
/// <param name="anchor">Maps: every attachment has an element in one of them, pointing to the chain <paramref name="held"/>.</param>
/// <param name="held">That chain: the kernel refuses to delete it while an element points to it. So the end of the table cannot race an ADD.</param>
/// <param name="ending">Asked when the table seems to be used no more; what it answers is done when the table is gone.</param>
internal sealed partial class RuleTable(string name, string rules, IReadOnlyList<string> anchor, string held, Func<Action>? ending = null)
{
    private const int ENOENT = 2;
    private const int EBUSY = 16;
    private const int EEXIST = 17;
    private const int Attempts = 20;
    private const int ManyElements = 200; // more go by nft, which has the larger buffers
    private readonly NftTable table = NftTable.Parse(name);
    private readonly IReadOnlyDictionary<string, SetShape> sets = SetShape.Of(rules);
    private readonly Lock changing = new();
    // As nft has made it last, in this process.
    private TableImage? image;
    // An element seen in the anchor by an earlier DEL: while it is there, the table has not to be listed to know that it is used.
    private readonly ConcurrentDictionary<string, SetElement> witnesses = new(StringComparer.Ordinal);

    /// <summary>Puts elements in, one transaction.</summary>
    /// <param name="elements">What is to be there.</param>
    /// <param name="displaces">Which of those that stand in the way have to go; a key that stays taken is a fault, see <see cref="IsTaken"/>.</param>
    /// <param name="chains">Chains that they lead to and share with others, by name, with the rules of each: made where they are missing, and gone with the table.</param>
    /// <param name="shared">What is to be there as well, and may be already: others use it too.</param>
    /// <param name="before">Commands that come before them in the transaction.</param>
    /// <param name="check">Throws where they must not be there; no other thread of this process changes the table meanwhile.</param>
    /// <returns>What had to go for them.</returns>
    public IReadOnlyList<RuleElement> Add(
        IReadOnlyList<RuleElement> elements,
        Func<RuleElement, bool> displaces,
        IReadOnlyDictionary<string, string>? chains = null,
        IReadOnlyList<RuleElement>? shared = null,
        string before = "",
        Action? check = null)
    {
        shared ??= [];
        lock (changing)
        {
            check?.Invoke();
            return before.Length == 0 && elements.Count + shared.Count <= ManyElements && TryCreate(elements, shared, chains)
                ? []
                : AddByNft(elements, displaces, Definitions(chains) + before + string.Concat(shared.Select(element => $"add element {name} {element.Set} {{ {element.Text} }}\n")));
        }
    }

    /// <summary>Puts in what several attachments use, where it is not there yet. The table stands.</summary>
    public void Share(params IReadOnlyList<RuleElement> elements)
    {
        using var socket = NftSocket.Open();
        socket.Create(table, elements.Select(Shared));
    }

    /// <summary>Removes elements in one transaction, and the table when they were the last. Right to repeat.</summary>
    /// <param name="goes">Which, by their comment.</param>
    /// <param name="guess">Where they are, if that is known: reads a few elements instead of all. Nothing there: all are read.</param>
    /// <returns>What was removed.</returns>
    public IReadOnlyList<RuleElement> Delete(Func<string, bool> goes, Func<IReadOnlyList<RuleElement>>? guess = null)
    {
        lock (changing)
        {
            var gone = guess?.Invoke();
            if (gone is null or [] || !TryDelete(gone))
            {
                var attempt = 1;
                do
                {
                    gone = [.. Elements().Where(element => goes(element.Comment))];
                }
                while (!TryDelete(gone) && attempt++ < Attempts); // false: another process removed one of them first
            }
            DeleteIfUnused();
            return gone;
        }
    }

    /// <summary>The elements of all its sets that have an owner; none where it is not there.</summary>
    public IReadOnlyList<RuleElement> Elements() => [.. sets.Keys.SelectMany(Elements)];

    /// <summary>Those of one set.</summary>
    public IReadOnlyList<RuleElement> Elements(string set)
    {
        using var socket = NftSocket.Open();
        return [.. (socket.Elements(table, set) ?? []).Where(element => element.Comment.Length > 0).Select(sets[set].Decode)];
    }

    /// <summary>The element at that key; null where there is none.</summary>
    public RuleElement? Find(string set, string key)
    {
        using var socket = NftSocket.Open();
        return socket.Find(table, sets[set].Encode(new(set, key, ""), keyOnly: true)) is { } found ? sets[set].Decode(found) : null;
    }

    /// <summary>Whether it stands.</summary>
    public bool Exists()
    {
        using var socket = NftSocket.Open();
        return socket.HasTable(table);
    }

    // A refused transaction costs some 10 ms, so the table is looked for first.
    private bool TryCreate(IReadOnlyList<RuleElement> elements, IReadOnlyList<RuleElement> shared, IReadOnlyDictionary<string, string>? chains)
    {
        using var socket = NftSocket.Open();
        var all = shared.Select(Shared).Concat(elements.Select(element => sets[element.Set].Encode(element)));
        if (socket.HasTable(table))
            return (chains is null || chains.Keys.All(chain => socket.HasChain(table, chain))) && Succeeds(() => socket.Create(table, all));
        return image is not null && (chains is null || chains.Keys.All(image.Chains.Contains)) && Succeeds(() => socket.Create(table, image, all));
    }

    private SetElement Shared(RuleElement element) => sets[element.Set].Encode(element) with { IsShared = true };

    private void Remember()
    {
        try
        {
            using var socket = NftSocket.Open();
            image = socket.ReadImage(table, chain => !chain.StartsWith(RuleElement.OwnChainPrefix, StringComparison.Ordinal));
        }
        catch (NetlinkException)
        {
            image = null; // nft makes it the next time too
        }
    }

    // False: another process removed one of them first.
    private bool TryDelete(IReadOnlyList<RuleElement> elements)
    {
        if (elements.Count > ManyElements || elements.Any(element => element.OwnChain is not null))
        {
            using var nft = Nftables.Open();
            return TryRun(nft, Deletes(elements));
        }
        using var socket = NftSocket.Open();
        return Succeeds(() => socket.Delete(table, elements.Select(element => sets[element.Set].Encode(element, keyOnly: true))));
    }

    private void DeleteIfUnused()
    {
        using var socket = NftSocket.Open();
        foreach (var map in anchor)
        {
            if (witnesses.TryGetValue(map, out var witness) && socket.Find(table, witness) is not null)
                return;
            if (socket.Elements(table, map) is not { } elements)
                return; // no table; a refused transaction would cost some 10 ms
            if (elements is not [.., var seen])
                continue;
            witnesses[map] = new(map, seen.Key);
            return;
        }
        var afterwards = ending?.Invoke();
        // Refused where another process put an element in since. It costs some 10 ms then, hence the look before.
        if (Succeeds(() => socket.DeleteUnless(table, held)))
            afterwards?.Invoke();
    }

    private static bool Succeeds(Action change)
    {
        try
        {
            change();
            return true;
        }
        catch (NetlinkException fault) when (fault.Errno is ENOENT or EEXIST or EBUSY)
        {
            return false;
        }
    }
}
