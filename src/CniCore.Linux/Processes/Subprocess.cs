using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Processes;

/// <summary>Runs a program to its end: as any other, or in a world of its own that goes with it.</summary>
public static class Subprocess
{
    /// <summary>Runs it in the namespaces of this process.</summary>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static Task<ProcessExit> RunAsync(
        string path, IEnumerable<string> environment, ReadOnlyMemory<byte> input, ProcessLimits limits, CancellationToken cancel) =>
        ProcessRunner.RunAsync(path, environment, input, limits, TimeProvider.System, cancel);

    /// <summary>
    /// Runs it in a network without interfaces, as the first process of its own (all others of them end with it), and on files that it may
    /// change without changing any: see <see cref="PrivateFiles"/>. Needs root.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <param name="kept">Folders that are there in any case, also where they are mounts of their own; they cannot be written to.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="limits">How long it may run, and how much it may write.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Task<ProcessExit> RunIsolatedAsync(
        string path, IEnumerable<string> arguments, IEnumerable<string> environment, IEnumerable<string> kept, ReadOnlyMemory<byte> input,
            ProcessLimits limits, CancellationToken cancel) =>
        Task.Factory.StartNew(
            // Not on the task's thread: to tell of the task's end it may start one for the pool, which would be in those namespaces for
            // good.
            () => NetworkNamespace.OnThreadOfItsOwn(() =>
            {
                PrivateFiles.Enter(kept);
                Isolation.LeaveNetwork();
                return ProcessRunner.Run(path, arguments, environment, input, limits, TimeProvider.System, cancel, isFirst: true);
            }),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>What the first process of such a world does first: <c>/proc</c> as it is there.</summary>
    public static void ShowOwnProcesses() => Isolation.Mount("proc", "/proc", "proc", 0);
}
