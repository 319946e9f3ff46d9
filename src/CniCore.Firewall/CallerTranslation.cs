namespace CniCore.Firewall;

/// <summary>Whom a container sees under the host's address when its published port is called.</summary>
internal enum CallerTranslation
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>Callers to whom an answer would not find back: localhost, and its own subnet.</summary>
    Near,

    /// <summary>Everybody.</summary>
    All,
}
