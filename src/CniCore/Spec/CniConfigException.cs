namespace CniCore.Spec;

/// <summary>
/// A network list is broken, is missing, or asks for something impossible. The message names the file and line where known.
/// </summary>
public sealed class CniConfigException : CniException
{
    /// <summary>Creates the exception.</summary>
    public CniConfigException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>The list is valid only in versions of CNI that this runtime does not know.</summary>
    internal bool IsOfUnknownVersion { get; init; }
}
