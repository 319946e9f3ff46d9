using System.Runtime.CompilerServices;

namespace Fuzz;

/// <summary>
/// What the instrumented code counts: SharpFuzz's map of branches, and the lines that ran. <see cref="Instrumented"/> has put the
/// counters into the product's assemblies.
/// </summary>
public static unsafe class CodeMap
{
    private const int Size = 1 << 16;
    private static readonly byte[] Map = GC.AllocateArray<byte>(Size, pinned: true);
    private static readonly byte[] Known = new byte[Size];

    /// <summary>Whether a line ran, by its number; the instrumented code writes here.</summary>
    public static readonly bool[] Lines = new bool[Instrumented.MaximalLines];

    public static int Branches { get; private set; }

    public static void Begin()
    {
        SharpFuzz.Common.Trace.SharedMem = (byte*)Unsafe.AsPointer(ref Map[0]);
        Map.AsSpan().Clear();
        SharpFuzz.Common.Trace.PrevLocation = 0;
    }

    /// <summary>Whether the last input took a branch that none took before, or one much more often.</summary>
    public static bool IsNew()
    {
        var isNew = false;
        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(Map);
        for (var at = 0; at < words.Length; at++)
        {
            if (words[at] == 0)
                continue;
            for (var place = at * 8; place < (at * 8) + 8; place++)
            {
                var grade = Grade(Map[place]);
                if ((grade & ~Known[place]) == 0)
                    continue;
                Branches += Known[place] == 0 ? 1 : 0;
                Known[place] |= grade;
                isNew = true;
            }
        }
        return isNew;
    }

    public static void Forget()
    {
        Known.AsSpan().Clear();
        Branches = 0;
    }

    /// <summary>Called by the instrumented code.</summary>
    public static void Hit(int line) => Lines[line] = true;

    // As AFL counts: one, two, three, some, many.
    private static byte Grade(byte count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
