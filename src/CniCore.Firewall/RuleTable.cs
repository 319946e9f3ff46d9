using System.Collections.Concurrent;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// A table of ours: rules that never change over sets that attachments put their elements into, so a packet costs the same with one
/// attachment and with a thousand, and so does an attachment. It comes with the first element and goes with the last.
/// </summary>
/// <param name="host">Where it stands.</param>
/// <param name="definition">What stands in it, without elements.</param>
/// <param name="anchor">Maps: every attachment has an element in one of them, pointing to the chain <paramref name="held"/>.</param>
/// <param name="held">That chain: the kernel refuses to delete it while an element points to it. So the end of the table cannot race an
/// ADD.</param>
/// <param name="ending">Asked when the table seems to be used no more; what it answers is done when the table is gone.</param>
internal sealed class RuleTable(
    HostNetwork host, TableDefinition definition, IReadOnlyList<string> anchor, string held, Func<Action>? ending = null)
{
    private const int ENOENT = 2;
    private const int EBUSY = 16;
    private const int EEXIST = 17;
    private const int Attempts = 20;
    private readonly NftTable table = definition.Table;
    private readonly Dictionary<string, NftSet> sets = definition.Sets.ToDictionary(set => set.Name, StringComparer.Ordinal);
    private readonly Lock changing = new();
    // An element seen in the anchor by an earlier DEL: while it is there, the table has not to be listed to know that it is used.
    private readonly ConcurrentDictionary<string, SetElement> witnesses = new(StringComparer.Ordinal);

    /// <summary>What stands in it, without elements, and without the chains that attachments bring along.</summary>
    public TableDefinition Definition => definition;

    /// <summary>Whether <see cref="Add"/> failed because a key is there already.</summary>
    public static bool IsTaken(NetlinkException fault) => fault.Errno == EEXIST;

    /// <summary>Family and name.</summary>
    public string Name => table.ToString();

    /// <summary>Puts elements in, one transaction.</summary>
    /// <param name="elements">What is to be there.</param>
    /// <param name="displaces">Which of those that stand in the way have to go; a key that stays taken is a fault, see
    /// <see cref="IsTaken"/>.</param>
    /// <param name="chains">Chains that they lead to and share with others: made where they are missing, and gone with the table.</param>
    /// <param name="shared">What is to be there as well, and may be already: others use it too.</param>
    /// <param name="check">Throws where they must not be there; no other thread of this process changes the table meanwhile.</param>
    /// <returns>What had to go for them.</returns>
    public IReadOnlyList<RuleElement> Add(
        IReadOnlyList<RuleElement> elements,
        Func<RuleElement, bool> displaces,
        IReadOnlyList<NftChain>? chains = null,
        IReadOnlyList<RuleElement>? shared = null,
        Action? check = null)
    {
        lock (changing)
        {
            check?.Invoke();
            var socket = host.Nftables;
            for (var attempt = 1; ; attempt++)
            {
                var isThere = socket.HasTable(table); // a refused transaction costs some 10 ms, so it is looked for first
                try
                {
                    socket.Commit(Addition([]), "adding to");
                    return [];
                }
                catch (NetlinkException fault) when (attempt < Attempts && (fault.Errno == ENOENT || (fault.Errno == EEXIST && !isThere)))
                {
                    // Another process removed the table meanwhile, or made it.
                }
                catch (NetlinkException fault) when (attempt < Attempts && IsTaken(fault))
                {
                    var old = Elements().Where(displaces).ToList();
                    if (old.Count == 0)
                        throw;
                    if (Succeeds(() => socket.Commit(Addition(old), "adding to")))
                        return old;
                    attempt = Math.Max(attempt, Attempts - 2); // what is in the way now hardly goes away by itself
                }

                NftTransaction Addition(IReadOnlyList<RuleElement> displaced)
                {
                    var changes = new NftTransaction(table);
                    if (!isThere)
                        changes.Create(definition);
                    else
                        Remove(changes, displaced);
                    foreach (var chain in (chains ?? []).Where(chain => !isThere || !socket.HasChain(table, chain.Name)))
                        changes.Put(chain);
                    return changes.Create([.. (shared ?? []).Select(Shared), .. elements.Select(Encoded)]);
                }
            }
        }
    }

    /// <summary>
    /// Puts elements in that lead to chains of their own, with rules in nft's language. The table stands, and has another element of the
    /// attachment: whatever ends this half-way is found by that one.
    /// </summary>
    /// <exception cref="NftablesException">In nft's own words.</exception>
    public IReadOnlyList<RuleElement> AddByNft(string chains, IReadOnlyList<RuleElement> elements, Func<RuleElement, bool> displaces)
    {
        List<RuleElement> old = [.. Elements().Where(element => element.OwnChain is not null && displaces(element))];
        if (old.Count > 0)
            TryDelete(old);
        var commands = chains + string.Concat(elements.Select(element => $"create element {table} {element.Set} {{ {element.Text} }}\n"));
        host.Inside(() => NftProgram.Run(commands));
        return old;
    }

    /// <summary>Puts in what several attachments use, where it is not there yet. The table stands.</summary>
    public void Share(params IReadOnlyList<RuleElement> elements)
    {
        var socket = host.Nftables;
        socket.Commit(new NftTransaction(table).Create(elements.Select(Shared)), "adding to");
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
        var socket = host.Nftables;
        return [.. (socket.Elements(table, set) ?? []).Where(element => element.Comment.Length > 0)
            .Select(element => RuleElement.Of(sets[set], element))];
    }

    /// <summary>The element at that key; null where there is none.</summary>
    public RuleElement? Find(string set, string key)
    {
        var socket = host.Nftables;
        return socket.Find(table, new RuleElement(set, key, "").KeyIn(sets[set])) is { } found ? RuleElement.Of(sets[set], found) : null;
    }

    /// <summary>Whether it stands.</summary>
    public bool Exists()
    {
        var socket = host.Nftables;
        return socket.HasTable(table);
    }

    /// <summary>
    /// What of it is not as it should be, where it stands, a line each: its sets, its rules. What attachments bring along is their own.
    /// </summary>
    public IReadOnlyList<string> Damage()
    {
        var socket = host.Nftables;
        return socket.Read(table, withElements: false) is not { } found ? [] : definition.Differences(
            found with
            {
                Sets = [.. found.Sets.Where(set => sets.ContainsKey(set.Name))],
                Chains = [.. found.Chains.Where(IsOfDefinition)],
            },
            withElements: false);
    }

    /// <summary>Writes it anew, with the elements and the chains of attachments that are in it.</summary>
    public void Repair()
    {
        lock (changing)
        {
            var socket = host.Nftables;
            if (socket.Read(table) is not { } found)
                return;
            var elements = found.Sets.ToDictionary(set => set.Name, StringComparer.Ordinal);
            socket.Replace(definition with
            {
                Sets = [.. definition.Sets.Select(set => elements.TryGetValue(set.Name, out var there) && there.Key.SequenceEqual(set.Key)
                    && there.Value.SequenceEqual(set.Value) ? set.WithElements(there.Elements) : set)],
                Chains = [.. definition.Chains, .. found.Chains.Where(chain => !IsOfDefinition(chain))],
            });
        }
    }

    /// <summary>Makes chains that attachments share exactly what they should be. The table stands.</summary>
    public void Put(IEnumerable<NftChain> chains)
    {
        var changes = new NftTransaction(table);
        foreach (var chain in chains)
            changes.Put(chain);
        var socket = host.Nftables;
        socket.Commit(changes, "writing chains of");
    }

    private bool IsOfDefinition(NftChain chain) => definition.Chains.Any(other => other.Name == chain.Name);

    private SetElement Encoded(RuleElement element) => element.In(sets[element.Set]);

    private SetElement Shared(RuleElement element) => Encoded(element) with { IsShared = true };

    private void Remove(NftTransaction changes, IReadOnlyList<RuleElement> elements)
    {
        changes.Delete(elements.Select(element => element.KeyIn(sets[element.Set])));
        foreach (var chain in elements.Select(element => element.OwnChain).OfType<string>().Distinct(StringComparer.Ordinal))
            changes.DeleteChain(chain);
    }

    // False: another process removed one of them first.
    private bool TryDelete(IReadOnlyList<RuleElement> elements)
    {
        var changes = new NftTransaction(table);
        Remove(changes, elements);
        var socket = host.Nftables;
        return Succeeds(() => socket.Commit(changes, "removing from"));
    }

    private void DeleteIfUnused()
    {
        var socket = host.Nftables;
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
