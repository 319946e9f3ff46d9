namespace CniCore.Spec;

/// <summary>An error of a CNI operation. The message is one complete line for the user.</summary>
public abstract class CniException : Exception
{
    private protected CniException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>The error as a plugin prints it (CNI spec, section 5, "Error"), UTF-8.</summary>
    /// <param name="version">The version of the spec that the object names.</param>
    public byte[] ToJson(string version = CniVersions.Newest) => PluginErrorJson.Write(this, version);
}
