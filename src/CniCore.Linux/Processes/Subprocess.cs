using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Processes;

/// <summary>Runs a program to its end, in the namespaces of this process or in its own.</summary>
public static class Subprocess
{
    /// <summary>Runs a program in the namespaces of this process.</summary>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public static Task<ProcessExit> RunAsync(
        string path, IEnumerable<string> environment, ReadOnlyMemory<byte> input, ProcessLimits limits, CancellationToken cancel) =>
        ProcessRunner.RunAsync(path, environment, input, limits, TimeProvider.System, cancel);

    /// <summary>
    /// Runs a program in a network without interfaces, as the first process of its own process namespace (all others end with it), and with
    /// files that it can change without effect: see <see cref="PrivateFiles"/>. Needs root.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Its complete environment.</param>
    /// <param name="kept">Folders that it sees, even if they are mounts. They are read-only.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="limits">The limits of time and output.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Task<ProcessExit> RunIsolatedAsync(
        string path, IEnumerable<string> arguments, IEnumerable<string> environment, IEnumerable<string> kept, ReadOnlyMemory<byte> input,
            ProcessLimits limits, CancellationToken cancel) =>
        Task.Factory.StartNew(
            // Not on a thread of the pool: completing the task there may start threads, which would stay in those namespaces.
            () => NetworkNamespace.OnThreadOfItsOwn(() =>
            {
                PrivateFiles.Enter(kept);
                Isolation.LeaveNetwork();
                return ProcessRunner.Run(path, arguments, environment, input, limits, TimeProvider.System, cancel, isFirst: true);
            }),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>The first action in a new process namespace: mounts its own <c>/proc</c>.</summary>
    public static void ShowOwnProcesses() => Isolation.Mount("proc", "/proc", "proc", 0);
}
