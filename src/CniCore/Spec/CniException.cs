namespace CniCore.Spec;

/// <summary>What can go wrong with a CNI operation. The message is one line for the user, complete as it stands.</summary>
public abstract class CniException : Exception
{
    private protected CniException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
