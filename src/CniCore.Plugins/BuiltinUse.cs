namespace CniCore.Plugins;

/// <summary>When a built-in is taken for a plugin type.</summary>
public enum BuiltinUse
{
    /// <summary>
    /// For lists that prefer it (<see cref="Spec.NetworkList.PrefersBuiltins"/>); for others where there is no executable.
    /// </summary>
    ByList,

    /// <summary>Never.</summary>
    Off,

    /// <summary>Wherever there is one.</summary>
    Always,
}
