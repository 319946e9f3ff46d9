namespace CniCore.Linux.Nftables;

/// <summary>A match or an action of a rule. <see cref="Nft"/> and <see cref="NftSelector"/> create them.</summary>
public sealed class NftStatement
{
    internal NftStatement(string text, IReadOnlyList<NftInstruction> instructions, NftDependency? needs = null) =>
        (Text, Instructions, Needs) = (text, instructions, needs);

    /// <summary>The statement in nft's syntax; if it was read from the kernel, its instructions by number.</summary>
    public string Text { get; }

    internal IReadOnlyList<NftInstruction> Instructions { get; }

    // The protocol that a packet must have for the instructions.
    internal NftDependency? Needs { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
