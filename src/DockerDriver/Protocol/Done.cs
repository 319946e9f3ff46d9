namespace DockerDriver.Protocol;

/// <summary>The answer that says nothing but success: <c>{}</c>. An empty body would be a decoding error to Docker.</summary>
internal sealed record Done
{
    public static readonly Done Instance = new();
}
