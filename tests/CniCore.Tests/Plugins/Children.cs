using System.Diagnostics;
using CniCore.Linux.Processes;

namespace CniCore.Tests.Plugins;

/// <summary>Starts programs as the library does: not while somebody closes a socket to make room.</summary>
internal static class Children
{
    public static Process Start(ProcessStartInfo program)
    {
        lock (ChildProcess.Starting)
            return Process.Start(program)!;
    }
}
