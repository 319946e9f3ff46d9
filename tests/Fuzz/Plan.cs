using System.Security.Cryptography;

namespace Fuzz;

/// <summary>The folders: the corpus in the repository, and that of inputs that were found to do harm.</summary>
/// <param name="CorpusFolder">A folder for each target.</param>
/// <param name="FoundFolder">Each input beside a text that says what it did.</param>
/// <param name="Grows">Whether inputs that reach new lines of the parser join the corpus.</param>
internal sealed record Plan(string CorpusFolder, string FoundFolder, bool Grows)
{
    public static Plan Of(FuzzArguments arguments) => new(
        Path.Combine(arguments.Home, "Corpus"), Path.GetFullPath("../../artifacts/fuzz", arguments.Home), arguments.Grows);

    public IReadOnlyList<byte[]> Corpus(Target target)
    {
        var folder = Path.Combine(CorpusFolder, target.Name);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]
            : [];
    }

    public void Add(Target target, byte[] input) => Write(Path.Combine(CorpusFolder, target.Name), input);

    /// <summary>Writes down an input that did harm, and says so.</summary>
    public void Found(Target target, byte[] input, string what)
    {
        var path = Write(Path.Combine(FoundFolder, target.Name), input);
        File.WriteAllText(path + ".txt", what + "\n");
        Console.WriteLine($"    {target.Name} [FAIL] {what.Split('\n')[0]}\n      the input is {path}; what it did is in {path}.txt");
    }

    private static string Write(string folder, byte[] input)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..12]);
        File.WriteAllBytes(path, input);
        return path;
    }
}
