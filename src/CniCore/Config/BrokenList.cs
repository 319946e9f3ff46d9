namespace CniCore.Config;

/// <summary>A file of a configuration folder that cannot be used.</summary>
/// <param name="Path">The file.</param>
/// <param name="Reason">One line: file, line where there is one, and what is wrong.</param>
public sealed record BrokenList(string Path, string Reason);
