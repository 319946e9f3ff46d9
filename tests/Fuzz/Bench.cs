using System.IO.MemoryMappedFiles;

namespace Fuzz;

/// <summary>
/// What the process that reads inputs shares with the one that watches it: the input at work, and how many there were. So an input that
/// hangs or ends its process is known.
/// </summary>
internal sealed class Bench : IDisposable
{
    private const int TargetAt = 8;
    private const int LengthAt = 12;
    private const int InputAt = 16;
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;

    private Bench(MemoryMappedFile file) => (this.file, view) = (file, file.CreateViewAccessor());

    /// <summary>The inputs that were begun. A number that stays is a hang.</summary>
    public long Begun => view.ReadInt64(0);

    /// <summary>The index of the target at work.</summary>
    public int Target => view.ReadInt32(TargetAt);

    /// <summary>The input at work.</summary>
    public byte[] Input
    {
        get
        {
            var input = new byte[view.ReadInt32(LengthAt)];
            view.ReadArray(InputAt, input, 0, input.Length);
            return input;
        }
    }

    public static Bench At(string path) =>
        new(MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, InputAt + (2 * Mutator.MaximalLength)));

    public void Begin(int target, byte[] input)
    {
        view.Write(TargetAt, target);
        view.Write(LengthAt, input.Length);
        view.WriteArray(InputAt, input, 0, input.Length);
        view.Write(0, Begun + 1);
    }

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
