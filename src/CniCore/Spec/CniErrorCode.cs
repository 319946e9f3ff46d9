namespace CniCore.Spec;

/// <summary>The codes of a plugin's error (CNI spec, section 5, "Error"; pkg/types). Plugins define their own from 100 on.</summary>
public enum CniErrorCode
{
    /// <summary>No specific code.</summary>
    Unknown = 0,

    /// <summary>The plugin does not support the version of the configuration.</summary>
    IncompatibleVersion = 1,

    /// <summary>A field of the configuration is not supported.</summary>
    UnsupportedField = 2,

    /// <summary>The container is unknown, or its id is missing.</summary>
    UnknownContainer = 3,

    /// <summary>An environment variable is missing or invalid.</summary>
    InvalidEnvironment = 4,

    /// <summary>An I/O error.</summary>
    Io = 5,

    /// <summary>The input or the output is not the expected JSON.</summary>
    Decoding = 6,

    /// <summary>The configuration is invalid.</summary>
    InvalidConfig = 7,

    /// <summary>The network namespace is invalid, or is the host's.</summary>
    InvalidNetNs = 8,

    /// <summary>A temporary failure: the same call may succeed later.</summary>
    TryAgain = 11,

    /// <summary>STATUS: the plugin cannot serve ADD.</summary>
    NotAvailable = 50,

    /// <summary>STATUS: ADD would fail, and existing containers may lack full connectivity.</summary>
    NotAvailableLimitedConnectivity = 51,

    /// <summary>The first of the codes that a plugin may define itself; the runtime uses it for a deadline.</summary>
    DeadlineExceeded = 100,

    /// <summary>An internal error of the runtime or of skel.</summary>
    Internal = 999,
}
