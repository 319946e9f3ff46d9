namespace EndToEnd.Host;

/// <summary>How a command ended, and all it printed.</summary>
public sealed record CommandResult(int Status, string Output, string Errors)
{
    public string Text => (Output + Errors).Trim();
}
