namespace CniCore.Spec;

/// <summary>A network list is broken, missing or asks for what is not possible; names the file and line where there is one.</summary>
public sealed class CniConfigException : CniException
{
    /// <summary>Makes the fault.</summary>
    public CniConfigException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>The list is valid only in versions of CNI that this runtime does not know.</summary>
    internal bool IsOfUnknownVersion { get; init; }
}
