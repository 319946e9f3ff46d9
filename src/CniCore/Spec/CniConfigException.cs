namespace CniCore.Spec;

/// <summary>A network list is broken, missing or asks for what is not possible; names the file and line where there is one.</summary>
public sealed class CniConfigException : CniException
{
    /// <summary>Makes the fault.</summary>
    public CniConfigException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
