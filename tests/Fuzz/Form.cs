namespace Fuzz;

/// <summary>What inputs look like, which says how to change them.</summary>
internal enum Form
{
    /// <summary>JSON, possibly after a byte that chooses among its readers.</summary>
    Json,

    /// <summary>Text in lines or with separators.</summary>
    Text,

    /// <summary>Netlink messages, after a byte that chooses the request.</summary>
    Netlink,
}
