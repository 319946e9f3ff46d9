namespace CniCore.Firewall;

/// <summary>For which callers of a published port the source address becomes the host's.</summary>
internal enum CallerTranslation
{
    /// <summary>For none.</summary>
    None,

    /// <summary>For callers whose answers would not come back otherwise: localhost, and the container's own subnet.</summary>
    Near,

    /// <summary>For all.</summary>
    All,
}
