namespace CniCore.Spec;

/// <summary>The verbs of CNI; <c>CNI_COMMAND</c> has them in capitals (CNI spec, section 2).</summary>
public enum CniCommand
{
    /// <summary>Creates the attachment.</summary>
    Add,

    /// <summary>Removes the attachment. Best effort, idempotent.</summary>
    Del,

    /// <summary>Checks that the attachment is as ADD left it (0.4.0 and later).</summary>
    Check,

    /// <summary>Removes what belongs to none of the valid attachments (1.1.0 and later).</summary>
    Gc,

    /// <summary>Checks that ADD could succeed now (1.1.0 and later).</summary>
    Status,

    /// <summary>Reports the versions of the spec that the plugin supports.</summary>
    Version,
}
