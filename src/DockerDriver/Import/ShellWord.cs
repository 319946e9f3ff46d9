namespace DockerDriver.Import;

/// <summary>A word as a shell takes it: in quotes where it has to be.</summary>
internal static class ShellWord
{
    private const string Plain = "-_./:=,@%+";

    public static string Quote(string word) => word.Length > 0
        && word.All(character => char.IsAsciiLetterOrDigit(character) || Plain.Contains(character, StringComparison.Ordinal))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
