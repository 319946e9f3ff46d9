namespace DockerDriver.Import;

/// <summary>Quotes a word for a shell where necessary.</summary>
internal static class ShellWord
{
    private const string Plain = "-_./:=,@%+";

    public static string Quote(string word) => word.Length > 0
        && word.All(character => char.IsAsciiLetterOrDigit(character) || Plain.Contains(character, StringComparison.Ordinal))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
