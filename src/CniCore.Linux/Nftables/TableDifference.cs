namespace CniCore.Linux.Nftables;

/// <summary>Compares a wanted table with the existing one, and describes each difference in a line.</summary>
internal static class TableDifference
{
    public static IEnumerable<string> Of(TableDefinition wanted, TableDefinition found, bool withElements)
    {
        var table = wanted.Table;
        foreach (var (name, set, other) in Pairs(wanted.Sets, found.Sets, set => set.Name))
        {
            var lines = (set, other) switch
            {
                (null, _) => [$"{table} has a set {name} that does not belong there"],
                (_, null) => [$"{table} lacks the set {name}"],
                _ => OfSets(set, other, withElements).Select(line => $"{table}, set {name}: {line}"),
            };
            foreach (var line in lines)
                yield return line;
        }
        foreach (var (name, chain, other) in Pairs(wanted.Chains, found.Chains, chain => chain.Name))
        {
            var lines = (chain, other) switch
            {
                (null, _) => [$"{table} has a chain {name} that does not belong there"],
                (_, null) => [$"{table} lacks the chain {name}"],
                _ => OfChains(table, chain, other).Select(line => $"{table}, chain {name}: {line}"),
            };
            foreach (var line in lines)
                yield return line;
        }
    }

    private static IEnumerable<string> OfSets(NftSet wanted, NftSet found, bool withElements)
    {
        if (!wanted.Key.SequenceEqual(found.Key) || !wanted.Value.SequenceEqual(found.Value) || wanted.IsInterval != found.IsInterval)
        {
            yield return $"its type is {found.TypeText}, not {wanted.TypeText}";
            yield break;
        }
        if (!withElements)
            yield break;
        var (ours, theirs) = (wanted.Elements.Select(wanted.TextOf).ToHashSet(StringComparer.Ordinal),
            found.Elements.Select(found.TextOf).ToHashSet(StringComparer.Ordinal));
        foreach (var missing in ours.Where(element => !theirs.Contains(element)))
            yield return $"the element {missing} is missing";
        foreach (var extra in theirs.Where(element => !ours.Contains(element)))
            yield return $"the element {extra} does not belong there";
    }

    private static IEnumerable<string> OfChains(NftTable table, NftChain wanted, NftChain found)
    {
        if (wanted.Hook != found.Hook)
            yield return $"it is called at \"{found.Hook?.Text ?? "no hook"}\", not at \"{wanted.Hook?.Text ?? "no hook"}\"";
        for (var at = 0; at < Math.Max(wanted.Rules.Count, found.Rules.Count); at++)
        {
            if (at >= wanted.Rules.Count)
                yield return $"its rule {at + 1} does not belong there: {found.Rules[at].Text}";
            else if (at >= found.Rules.Count)
                yield return $"its rule {at + 1} is missing: {wanted.Rules[at].Text}";
            else if (!wanted.Rules[at].IsLike(found.Rules[at], table))
                yield return $"its rule {at + 1} is not \"{wanted.Rules[at].Text}\" but {found.Rules[at].Text}";
        }
    }

    private static IEnumerable<(string Name, T? Wanted, T? Found)> Pairs<T>(
        IReadOnlyList<T> wanted, IReadOnlyList<T> found, Func<T, string> nameOf) where T : class
    {
        var left = found.DistinctBy(nameOf).ToDictionary(nameOf, StringComparer.Ordinal);
        foreach (var wantedPart in wanted)
        {
            left.Remove(nameOf(wantedPart), out var other);
            yield return (nameOf(wantedPart), wantedPart, other);
        }
        foreach (var (name, other) in left)
            yield return (name, null, other);
    }
}
