namespace Conformance;

/// <summary>The kind of a plugin, as far as the spec's requirements differ.</summary>
internal enum PluginKind
{
    /// <summary>Creates the interface.</summary>
    Interface,

    /// <summary>Changes an existing interface.</summary>
    Adjusting,

    /// <summary>Changes what earlier plugins created, and gets their result.</summary>
    Chained,

    /// <summary>Assigns addresses, for another plugin.</summary>
    Ipam,
}
