namespace DockerDriver.Cli;

/// <summary>Properties of standard output.</summary>
internal static class Terminal
{
    private const int DefaultWidth = 80;

    public static bool IsTerminal => !Console.IsOutputRedirected;

    /// <summary>The terminal's width in columns; 80 where there is none or the width is unknown.</summary>
    public static int Width => IsTerminal && Console.WindowWidth is > 0 and var width ? width : DefaultWidth;
}
