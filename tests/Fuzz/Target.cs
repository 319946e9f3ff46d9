namespace Fuzz;

/// <summary>A parser that is given arbitrary input.</summary>
/// <param name="Name">Also the folder of its corpus.</param>
/// <param name="Form">How inputs are changed.</param>
/// <param name="Run">Reads an input with the product's code.</param>
/// <param name="Refusals">The product's exceptions for an invalid input. Any other exception is a crash.</param>
/// <param name="Files">
/// The source files whose lines count as the parser: a name, or the end of a path. Where a file does other things too, its methods
/// follow after a colon.
/// </param>
internal sealed record Target(string Name, Form Form, Action<byte[]> Run, Type[] Refusals, params string[] Files)
{
    private readonly (string File, string[] Methods)[] parser =
        [.. Files.Select(file => file.Split(':')).Select(parts => ($"/{parts[0]}.cs", parts.Length > 1 ? parts[1].Split(' ') : []))];

    /// <summary>The bytes that one input may have allocated, beyond those that its length explains.</summary>
    public long Memory { get; init; } = 64 * 1024 * 1024;

    public bool HasLine(string file, string method) => Array.Exists(parser, part =>
        file.EndsWith(part.File, StringComparison.Ordinal) && (part.Methods.Length == 0 || part.Methods.Contains(method)));

    public bool IsRefusal(Exception fault) => Array.Exists(Refusals, refusal => refusal.IsInstanceOfType(fault));
}
