using CniCore.Linux.Interop;

namespace CniCore.Linux.Processes;

/// <summary>The memory of this process.</summary>
public static class OwnMemory
{
    /// <summary>
    /// Returns unused memory of the managed heap and of the C library to the system. Takes about 10 ms, so it is for idle times.
    /// </summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            _ = malloc.malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // not glibc: there is no such function
        }
    }
}
