namespace CniCore.Spec;

/// <summary>What can go wrong with a CNI operation. The message is one line for the user, complete as it stands.</summary>
public abstract class CniException : Exception
{
    private protected CniException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>The error as a plugin prints it (CNI spec, section 5, "Error"), UTF-8.</summary>
    /// <param name="version">The version of the spec that the object names.</param>
    public byte[] ToJson(string version = CniVersions.Newest) => PluginErrorJson.Write(this, version);
}
