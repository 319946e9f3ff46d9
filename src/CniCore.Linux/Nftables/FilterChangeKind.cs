namespace CniCore.Linux.Nftables;

/// <summary>What one <see cref="FilterChange"/> does.</summary>
public enum FilterChangeKind
{
    /// <summary>Creates a chain, unless it exists.</summary>
    MakeChain,

    /// <summary>Deletes all rules of a chain.</summary>
    EmptyChain,

    /// <summary>Removes a chain and its rules; refused while another rule jumps to it.</summary>
    RemoveChain,

    /// <summary>Inserts a rule at the head of its chain, or before a given rule.</summary>
    InsertRule,

    /// <summary>Appends a rule at the end of its chain.</summary>
    AppendRule,

    /// <summary>Deletes one rule.</summary>
    DeleteRule,
}
