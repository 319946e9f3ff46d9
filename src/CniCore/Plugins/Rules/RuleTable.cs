using System.Collections.Concurrent;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.Rules;

/// <summary>
/// A table of ours: rules that never change over sets that attachments put their elements into, so a packet costs the same with one
/// attachment and with a thousand. It comes with the first element and goes with the last. All of it is in the namespace of the calling
/// thread; opening nftables there costs 50 µs.
/// </summary>
/// <param name="name">Family and name: <c>inet cnid_masquerade</c>.</param>
/// <param name="rules">What stands in it, in nft's table syntax.</param>
/// <param name="anchor">Maps: every attachment has an element in one of them, pointing to the chain <paramref name="held"/>.</param>
/// <param name="held">That chain: the kernel refuses to delete it while an element points to it. So the end of the table cannot race an ADD.</param>
/// <param name="ending">Asked when the table seems to be used no more; what it answers is done when the table is gone.</param>
internal sealed class RuleTable(string name, string rules, IReadOnlyList<string> anchor, string held, Func<Nftables, Action>? ending = null)
{
    private const int Attempts = 20;
    private readonly Lock changing = new();
    // An element seen in the anchor by an earlier DEL: while it is there, the table has not to be listed to know that it is used.
    private readonly ConcurrentDictionary<string, string> witnesses = new(StringComparer.Ordinal);

    /// <summary>Puts elements in, one transaction.</summary>
    /// <param name="elements">What is to be there.</param>
    /// <param name="displaces">Which of those that stand in the way have to go; a key that stays taken is a fault, see <see cref="IsTaken"/>.</param>
    /// <param name="before">Commands that come before them in the transaction.</param>
    /// <param name="check">Throws where they must not be there; no other thread of this process changes the table meanwhile.</param>
    /// <returns>What had to go for them.</returns>
    public IReadOnlyList<RuleElement> Add(IReadOnlyList<RuleElement> elements, Func<RuleElement, bool> displaces, string before = "", Action<Nftables>? check = null)
    {
        var commands = before + string.Concat(elements.Select(element => $"create element {name} {element.Set} {{ {element.Text} }}\n"));
        lock (changing)
        {
            using var nft = Nftables.Open();
            check?.Invoke(nft);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    nft.Run(commands);
                    return [];
                }
                catch (NftablesException fault) when (IsMissing(fault) && attempt < Attempts)
                {
                    if (TryRun(nft, $"create table {name}\ntable {name} {{\n{rules}\n}}\n{commands}"))
                        return [];
                }
                catch (NftablesException fault) when (IsTaken(fault) && attempt < Attempts)
                {
                    var old = Elements(nft).Where(displaces).ToList();
                    if (old.Count == 0)
                        throw;
                    if (TryRun(nft, Deletes(old) + commands))
                        return old;
                    attempt = Math.Max(attempt, Attempts - 2); // what is in the way now hardly goes away by itself
                }
            }
        }
    }

    /// <summary>Removes elements in one transaction, and the table when they were the last. Right to repeat.</summary>
    /// <param name="goes">Which, by their comment.</param>
    /// <param name="guess">Where they are, if that is known: reads a few elements instead of all. Nothing there: all are read.</param>
    /// <returns>What was removed.</returns>
    public IReadOnlyList<RuleElement> Delete(Func<string, bool> goes, Func<Nftables, IReadOnlyList<RuleElement>>? guess = null)
    {
        lock (changing)
        {
            using var nft = Nftables.Open();
            var gone = guess?.Invoke(nft);
            if (gone is null or [] || !TryRun(nft, Deletes(gone)))
            {
                var attempt = 1;
                do
                {
                    gone = [.. Elements(nft).Where(element => goes(element.Comment))];
                }
                while (!TryRun(nft, Deletes(gone)) && attempt++ < Attempts); // false: another process removed one of them first
            }
            DeleteIfUnused(nft);
            return gone;
        }
    }

    /// <summary>STATUS of those who need nftables.</summary>
    /// <exception cref="CniPluginException">Code 50: it does not work here.</exception>
    public static void ThrowIfUnavailable()
    {
        try
        {
            using var nft = Nftables.Open();
            nft.Query("list tables");
        }
        catch (NftablesException fault)
        {
            throw new CniPluginException(CniErrorCode.NotAvailable, "nftables cannot be used", fault.Message, fault);
        }
    }

    /// <summary>Whether a transaction failed because a key is there already.</summary>
    public static bool IsTaken(NftablesException fault) =>
        fault.Message.Contains("File exists", StringComparison.Ordinal) || fault.Message.Contains("interval overlaps", StringComparison.Ordinal);

    /// <summary>The elements of all its sets; none where it is not there.</summary>
    public IReadOnlyList<RuleElement> Elements(Nftables nft) => RuleListing.Elements(QueryOrNothing(nft, $"list table {name}"));

    /// <summary>The elements of one map.</summary>
    public IReadOnlyList<RuleElement> Elements(Nftables nft, string map) => RuleListing.Elements(QueryOrNothing(nft, $"list map {name} {map}"));

    /// <summary>The element at that key; null where there is none.</summary>
    public RuleElement? Find(Nftables nft, string set, string key) =>
        RuleListing.Elements(QueryOrNothing(nft, $"get element {name} {set} {{ {key} }}")) is [var only, ..] ? only : null;

    /// <summary>Whether it stands.</summary>
    public bool Exists(Nftables nft) => QueryOrNothing(nft, $"list chain {name} {held}").Length > 0;

    private void DeleteIfUnused(Nftables nft)
    {
        foreach (var map in anchor)
        {
            if (witnesses.TryGetValue(map, out var witness) && Find(nft, map, witness) is not null)
                return;
            if (QueryOrNothing(nft, $"list map {name} {map}") is not { Length: > 0 } listing)
                return; // no table; a refused transaction would cost some 10 ms
            if (RuleListing.Elements(listing) is not [.., var seen])
                continue;
            witnesses[map] = seen.Key;
            return;
        }
        var afterwards = ending?.Invoke(nft);
        // Refused where another process put an element in since. It costs some 10 ms then, hence the look before.
        if (TryRun(nft, $"delete chain {name} {held}\ndelete table {name}\n"))
            afterwards?.Invoke();
    }

    private string Deletes(IReadOnlyList<RuleElement> elements)
    {
        var chains = elements.Select(element => element.OwnChain).OfType<string>().Distinct(StringComparer.Ordinal);
        return string.Concat(elements.Select(element => $"delete element {name} {element.Set} {{ {element.Key} }}\n"))
            + string.Concat(chains.Select(chain => $"flush chain {name} {chain}\ndelete chain {name} {chain}\n"));
    }

    // False: another process changed the table meanwhile, or it is not there.
    private static bool TryRun(Nftables nft, string commands)
    {
        try
        {
            if (commands.Length > 0)
                nft.Run(commands);
            return true;
        }
        catch (NftablesException fault) when (IsTaken(fault) || IsMissing(fault) || fault.Message.Contains("resource busy", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private static string QueryOrNothing(Nftables nft, string query)
    {
        try
        {
            return nft.Query(query);
        }
        catch (NftablesException fault) when (IsMissing(fault))
        {
            return "";
        }
    }

    private static bool IsMissing(NftablesException fault) => fault.Message.Contains("No such file or directory", StringComparison.Ordinal);
}
