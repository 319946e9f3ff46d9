namespace Fuzz.Targets;

/// <summary>A folder in memory for a parser that reads files.</summary>
internal sealed class InputFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    public InputFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(
        Directory.Exists(Memory) ? Memory : System.IO.Path.GetTempPath(), $"fuzz-{Environment.ProcessId}");

    public string Write(string name, byte[] content)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
