namespace DockerDriver.Cli;

/// <summary>Columns for a terminal, three spaces apart, as docker prints them.</summary>
internal static class TextTable
{
    private const string Gap = "   ";

    public static string Of(string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        var widths = head.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        return string.Join('\n', all.Select(row => string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }
}
