namespace CniCore.Linux.Nftables;

internal enum FilterChangeKind
{
    /// <summary>A chain, where there is none of that name.</summary>
    MakeChain,

    /// <summary>All rules of a chain.</summary>
    EmptyChain,

    /// <summary>A chain and its rules; refused while another rule leads to it.</summary>
    RemoveChain,

    /// <summary>Before all others, or before a given one.</summary>
    InsertRule,

    /// <summary>Behind all others.</summary>
    AppendRule,

    DeleteRule,
}
