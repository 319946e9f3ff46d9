namespace CniCore.Linux.Nftables;

internal enum FilterChangeKind
{
    /// <summary>A chain, where there is none of that name.</summary>
    MakeChain,

    /// <summary>A chain and its rules; refused while another rule leads to it.</summary>
    RemoveChain,

    /// <summary>Before all others.</summary>
    InsertRule,

    /// <summary>Behind all others.</summary>
    AppendRule,

    DeleteRule,
}
