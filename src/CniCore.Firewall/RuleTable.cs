using System.Collections.Concurrent;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// One of our tables: fixed rules over sets, into which attachments put their elements, so that the cost of a packet, and of an attachment,
/// does not depend on their number. The table is created with the first element and removed with the last.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="definition">The table without elements.</param>
/// <param name="anchor">Maps. Every attachment has an element in one of them that jumps to the chain <paramref name="held"/>.</param>
/// <param name="held">The chain that the kernel refuses to delete while an element jumps to it. So the removal of the table cannot race an
/// ADD.</param>
/// <param name="ending">Called when the table seems unused. The returned action runs once the table is removed.</param>
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
    // An element of the anchor that an earlier DEL saw. While it exists, the table is in use, without listing it.
    private readonly ConcurrentDictionary<string, SetElement> witnesses = new(StringComparer.Ordinal);

    /// <summary>The table without elements, and without chains of attachments.</summary>
    public TableDefinition Definition => definition;

    /// <summary>Whether <see cref="Add"/> failed because a key exists.</summary>
    public static bool IsTaken(NetlinkException fault) => fault.Errno == EEXIST;

    /// <summary>Family and name.</summary>
    public string Name => table.ToString();

    /// <summary>Adds elements in one transaction.</summary>
    /// <param name="elements">The elements.</param>
    /// <param name="displaces">Selects existing elements that are removed first. If a key still exists, <see cref="IsTaken"/> says
    /// so.</param>
    /// <param name="chains">Chains that the elements jump to and that attachments share: created if missing, removed with the
    /// table.</param>
    /// <param name="shared">Further elements that may exist already, since others use them too.</param>
    /// <param name="check">Throws if the elements must not be added. No other thread of this process changes the table meanwhile.</param>
    /// <returns>The elements that were removed first.</returns>
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
                var isThere = socket.HasTable(table); // a refused transaction costs about 10 ms, so this looks first
                try
                {
                    socket.Commit(Addition([]), "adding to");
                    return [];
                }
                catch (NetlinkException fault) when (attempt < Attempts && (fault.Errno == ENOENT || (fault.Errno == EEXIST && !isThere)))
                {
                    // Another process removed or created the table meanwhile.
                }
                catch (NetlinkException fault) when (attempt < Attempts && IsTaken(fault))
                {
                    var old = Elements().Where(displaces).ToList();
                    if (old.Count == 0)
                        throw;
                    if (Succeeds(() => socket.Commit(Addition(old), "adding to")))
                        return old;
                    attempt = Math.Max(attempt, Attempts - 2); // an element that still conflicts will hardly be removed
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
    /// Adds elements that jump to chains of their own, with rules in nft's syntax. The table exists, with another element of the
    /// attachment: by that one, DEL finds whatever an interruption leaves.
    /// </summary>
    /// <exception cref="NftablesException">The rules are invalid; the message is nft's.</exception>
    public IReadOnlyList<RuleElement> AddByNft(string chains, IReadOnlyList<RuleElement> elements, Func<RuleElement, bool> displaces)
    {
        List<RuleElement> old = [.. Elements().Where(element => element.OwnChain is not null && displaces(element))];
        if (old.Count > 0)
            TryDelete(old);
        var commands = chains + string.Concat(elements.Select(element => $"create element {table} {element.Set} {{ {element.Text} }}\n"));
        host.Inside(() => NftProgram.Run(commands));
        return old;
    }

    /// <summary>Adds elements that attachments share, unless they exist. The table exists.</summary>
    public void Share(params IReadOnlyList<RuleElement> elements)
    {
        var socket = host.Nftables;
        socket.Commit(new NftTransaction(table).Create(elements.Select(Shared)), "adding to");
    }

    /// <summary>Removes elements in one transaction, and the table with its last element. Idempotent.</summary>
    /// <param name="goes">Matches the comments of the elements.</param>
    /// <param name="guess">The expected elements, which saves reading all. If none of them exists, all are read.</param>
    /// <returns>The removed elements.</returns>
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

    /// <summary>
    /// Removes the elements whose key begins with an interface that is not there, but for those of attachments with one of these
    /// identities: their DEL removes them. For a table whose keys all begin with an interface.
    /// </summary>
    /// <param name="identities">Reads the identities, if there is such an element.</param>
    public void DeleteWithoutInterface(Func<IReadOnlySet<string>> identities)
    {
        if (Elements() is not { Count: > 0 } elements)
            return;
        using var routes = host.OpenRoutes();
        var names = routes.Links().Select(link => $"\"{link.Name}\"").ToHashSet(StringComparer.Ordinal);
        List<RuleElement> gone = [.. elements.Where(element => !names.Contains(element.Key.Split(" . ")[0]))];
        if (gone.Count == 0)
            return;
        var known = identities();
        gone.RemoveAll(element => known.Contains(AttachmentTag.IdentityIn(element.Comment)));
        if (gone.Count > 0)
            Delete(_ => false, () => gone);
    }

    /// <summary>The elements with an owner in all sets; empty if the table does not exist.</summary>
    public IReadOnlyList<RuleElement> Elements() => [.. sets.Keys.SelectMany(Elements)];

    /// <summary>The elements of one set.</summary>
    public IReadOnlyList<RuleElement> Elements(string set)
    {
        var socket = host.Nftables;
        return [.. (socket.Elements(table, set) ?? []).Where(element => element.Comment.Length > 0)
            .Select(element => RuleElement.Of(sets[set], element))];
    }

    /// <summary>The element with that key; null for none.</summary>
    public RuleElement? Find(string set, string key)
    {
        var socket = host.Nftables;
        return socket.Find(table, new RuleElement(set, key, "").KeyIn(sets[set])) is { } found ? RuleElement.Of(sets[set], found) : null;
    }

    /// <summary>Whether the table exists.</summary>
    public bool Exists()
    {
        var socket = host.Nftables;
        return socket.HasTable(table);
    }

    /// <summary>
    /// The differences of an existing table in its sets and rules, one in each line. Chains of attachments are not compared.
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

    /// <summary>Writes the table again, with its elements and the chains of attachments.</summary>
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

    /// <summary>Replaces chains that attachments share. The table exists.</summary>
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
                return; // no table; a refused transaction costs about 10 ms
            if (elements is not [.., var seen])
                continue;
            witnesses[map] = new(map, seen.Key);
            return;
        }
        var afterwards = ending?.Invoke();
        // Refused if another process added an element meanwhile. That costs about 10 ms, hence the check before.
        if (Succeeds(() => socket.Commit(new NftTransaction(table).DeleteUnlessUsed(held), "removing")))
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
