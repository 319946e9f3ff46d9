using CniCore.Linux.Interop;

namespace CniCore.Linux.Processes;

/// <summary>What this process holds of the machine's memory.</summary>
public static class OwnMemory
{
    /// <summary>Gives back what nothing uses: of the managed heap, and of the C library's. Takes some 10 ms; for quiet times.</summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            _ = malloc.malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // another C library than GNU's, which has no such heap
        }
    }
}
