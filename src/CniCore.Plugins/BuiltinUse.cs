namespace CniCore.Plugins;

/// <summary>When plugins run as built-ins.</summary>
public enum BuiltinUse
{
    /// <summary>For lists that prefer it (<see cref="Spec.NetworkList.PrefersBuiltins"/>), and where there is no executable.</summary>
    ByList,

    /// <summary>Never.</summary>
    Off,

    /// <summary>Whenever there is a built-in.</summary>
    Always,
}
