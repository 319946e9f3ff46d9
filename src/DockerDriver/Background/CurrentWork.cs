namespace DockerDriver.Background;

/// <summary>What the running code is a part of, for an administrator: a call of Docker's, or work in the background.</summary>
/// <param name="name">Such as <c>NetworkDriver.Join</c>.</param>
internal sealed class CurrentWork(string name)
{
    private static readonly AsyncLocal<CurrentWork?> Current = new();

    /// <summary>That of the asynchronous call chain that asks.</summary>
    public static CurrentWork Here => Current.Value ?? new("other work");

    /// <summary>Names what the asynchronous call chain does from here on, until the method that calls this returns.</summary>
    public static void Begin(string name) => Current.Value = new(name);

    public override string ToString() => name;
}
