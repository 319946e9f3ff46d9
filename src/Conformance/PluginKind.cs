namespace Conformance;

/// <summary>What a plugin does, as far as the spec asks different things of it.</summary>
internal enum PluginKind
{
    /// <summary>It makes the interface.</summary>
    Interface,

    /// <summary>It adjusts an interface that exists.</summary>
    Adjusting,

    /// <summary>It adjusts what the plugins before it made, and gets their result.</summary>
    Chained,

    /// <summary>It gives addresses, to another plugin.</summary>
    Ipam,
}
