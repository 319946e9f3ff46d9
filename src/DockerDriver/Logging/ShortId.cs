namespace DockerDriver.Logging;

/// <summary>The start of an id, as Docker prints it. Ids come from outside: one may be shorter.</summary>
internal static class ShortId
{
    private const int Length = 12;

    public static string Of(string id) => id[..Math.Min(Length, id.Length)];
}
