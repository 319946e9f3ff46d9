namespace CniCore.Spec;

/// <summary>The verbs a plugin understands, as <c>CNI_COMMAND</c> spells them in capitals (CNI spec, section 2).</summary>
public enum CniCommand
{
    /// <summary>Make the attachment.</summary>
    Add,

    /// <summary>TearDown it. Best effort, and right to repeat.</summary>
    Del,

    /// <summary>Say whether it still is as ADD left it (0.4.0 and later).</summary>
    Check,

    /// <summary>Remove what belongs to no attachment of a given list (1.1.0 and later).</summary>
    Gc,

    /// <summary>Say whether an ADD could succeed now (1.1.0 and later).</summary>
    Status,

    /// <summary>Name the spec versions the plugin speaks.</summary>
    Version,
}
