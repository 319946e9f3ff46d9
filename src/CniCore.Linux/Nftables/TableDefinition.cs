using System.Text;

namespace CniCore.Linux.Nftables;

/// <summary>A table as data: the input of <see cref="NftSocket.Replace"/>, and the output of <see cref="NftSocket.Read"/>.</summary>
/// <param name="Table">Its family and name.</param>
public sealed record TableDefinition(NftTable Table)
{
    /// <summary>Its sets and maps.</summary>
    public IReadOnlyList<NftSet> Sets { get; init; } = [];

    /// <summary>Its chains.</summary>
    public IReadOnlyList<NftChain> Chains { get; init; } = [];

    /// <summary>The table in nft's syntax, also for <c>nft -f</c>. Rules that were read from the kernel are not in that syntax.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder($"table {Table} {{\n");
            foreach (var set in Sets)
            {
                text.Append($"\t{(set.Value.Count > 0 ? "map" : "set")} {set.Name} {{\n\t\ttype "
                    + $"{set.TypeText}\n{(set.IsInterval ? "\t\tflags interval\n" : "")}");
                if (set.Elements.Count > 0)
                    text.Append($"\t\telements = {{ {string.Join(", ", set.Elements.Select(set.TextOf))} }}\n");
                text.Append("\t}\n");
            }
            foreach (var chain in Chains)
            {
                text.Append($"\tchain {chain.Name} {{\n");
                if (chain.Hook is { } hook)
                    text.Append($"\t\t{hook.Text}\n");
                text.Append(string.Concat(chain.Rules.Select(rule => $"\t\t{rule.Text}\n"))).Append("\t}\n");
            }
            return text.Append("}\n").ToString();
        }
    }

    /// <summary>The differences of <paramref name="found"/> to this table, one in each line; empty if the kernel does the same.</summary>
    /// <param name="found">The existing table; null if there is none.</param>
    /// <param name="withElements">Whether to compare the elements of sets too.</param>
    public IReadOnlyList<string> Differences(TableDefinition? found, bool withElements = true) =>
        found is null ? [$"there is no table {Table}"] : [.. TableDifference.Of(this, found, withElements)];
}
