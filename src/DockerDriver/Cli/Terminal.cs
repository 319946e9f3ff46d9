namespace DockerDriver.Cli;

/// <summary>Where standard output goes.</summary>
internal static class Terminal
{
    private const int Classic = 80;

    public static bool IsOne => !Console.IsOutputRedirected;

    /// <summary>Columns: of the terminal, or 80 where there is none or it does not say.</summary>
    public static int Width => IsOne && Console.WindowWidth is > 0 and var width ? width : Classic;
}
