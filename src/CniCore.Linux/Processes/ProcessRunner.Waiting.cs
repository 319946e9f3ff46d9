namespace CniCore.Linux.Processes;

public sealed partial class ProcessRunner
{
    private const int ETIMEDOUT = 110;
    private static readonly TimeSpan StartLimit = ChildProcess.Patience + TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs it on a thread of its own. That thread may hang in the kernel, before the program runs or after it was killed: it is not
    /// waited for longer than the limits say.
    /// </summary>
    /// <exception cref="LinuxException">The executable could not be started.</exception>
    public static async Task<ProcessExit> RunAsync(
        string path, IEnumerable<string> environment, ReadOnlyMemory<byte> input, ProcessLimits limits, TimeProvider clock,
            CancellationToken cancel)
    {
        var run = Task.Factory.StartNew(
            () => Run(path, [], environment, input, limits, clock, cancel), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        try
        {
            return await run.WaitAsync(limits.Deadline + (limits.Grace * 3) + StartLimit, clock, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            throw new LinuxException($"starting {path}", ETIMEDOUT, "it does not come to run: does its file system answer?");
        }
    }
}
