namespace CniCore.Linux.Nftables;

/// <summary>A match or an action of a rule. <see cref="Nft"/> and <see cref="NftSelector"/> make them.</summary>
public sealed class NftStatement
{
    internal NftStatement(string text, IReadOnlyList<NftInstruction> instructions, NftDependency? needs = null) =>
        (Text, Instructions, Needs) = (text, instructions, needs);

    /// <summary>In nft's language; of one that was read from the kernel, its instructions by their numbers.</summary>
    public string Text { get; }

    internal IReadOnlyList<NftInstruction> Instructions { get; }

    // What a packet must be for the instructions to mean anything.
    internal NftDependency? Needs { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
