namespace DockerDriver.Logging;

/// <summary>The first 12 characters of an id, as Docker prints it. An id from outside may be shorter.</summary>
internal static class ShortId
{
    private const int Length = 12;

    public static string Of(string id) => id[..Math.Min(Length, id.Length)];
}
