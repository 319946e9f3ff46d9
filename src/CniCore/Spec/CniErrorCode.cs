namespace CniCore.Spec;

/// <summary>The codes a plugin's error carries (CNI spec, "Error"; pkg/types). A plugin's own codes start at 100.</summary>
public enum CniErrorCode
{
    /// <summary>Nothing more is known.</summary>
    Unknown = 0,

    /// <summary>The plugin does not speak the configuration's version.</summary>
    IncompatibleVersion = 1,

    /// <summary>A field of the configuration is not supported.</summary>
    UnsupportedField = 2,

    /// <summary>The container is not known, or its id is missing.</summary>
    UnknownContainer = 3,

    /// <summary>An environment variable is missing or invalid.</summary>
    InvalidEnvironment = 4,

    /// <summary>Reading or writing failed.</summary>
    Io = 5,

    /// <summary>The input or the output is not the JSON it should be.</summary>
    Decoding = 6,

    /// <summary>The configuration is invalid.</summary>
    InvalidConfig = 7,

    /// <summary>The namespace is not one, or is the host's.</summary>
    InvalidNetNs = 8,

    /// <summary>A passing fault: the same call may succeed later.</summary>
    TryAgain = 11,

    /// <summary>STATUS: the plugin cannot serve ADD.</summary>
    NotAvailable = 50,

    /// <summary>STATUS: nor do existing containers have full connectivity.</summary>
    NotAvailableLimitedConnectivity = 51,

    /// <summary>First of the codes a plugin may define itself; the runtime uses it for a deadline that passed.</summary>
    DeadlineExceeded = 100,

    /// <summary>The runtime's or skeleton's own fault.</summary>
    Internal = 999,
}
