using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>A rule: matches, and the action for packets that match all of them.</summary>
/// <param name="Statements">The statements, in order.</param>
/// <param name="Comment">nft's comment; empty for none.</param>
public sealed record NftRule(IReadOnlyList<NftStatement> Statements, string Comment = "")
{
    /// <summary>The rule in nft's syntax.</summary>
    public string Text =>
        string.Join(' ', Statements.Select(statement => statement.Text)) + (Comment.Length > 0 ? $" comment \"{Comment}\"" : "");

    /// <summary>The rule as the kernel's instructions, in a table of that family.</summary>
    internal IReadOnlyList<NftInstruction> InstructionsIn(NftTable table)
    {
        var (instructions, asked) = (new List<NftInstruction>(), new HashSet<NftDependency>());
        foreach (var statement in Statements)
        {
            if (statement.Needs is { } needs && asked.Add(needs))
                instructions.AddRange(needs.In(table));
            instructions.AddRange(statement.Instructions);
        }
        return instructions;
    }

    /// <summary>Whether the kernel does the same.</summary>
    internal bool IsLike(NftRule other, NftTable table) =>
        Comment == other.Comment && InstructionsIn(table).SequenceEqual(other.InstructionsIn(table));

    internal void Write(RequestWriter request, NftTable table)
    {
        using (request.Nest(nf_tables.NFTA_RULE_EXPRESSIONS))
        {
            foreach (var instruction in InstructionsIn(table))
                instruction.Write(request);
        }
        if (Comment.Length > 0)
            request.Bytes(nf_tables.NFTA_RULE_USERDATA, UserData.Comment(nf_tables.NFTNL_UDATA_RULE_COMMENT, Comment));
    }
}
