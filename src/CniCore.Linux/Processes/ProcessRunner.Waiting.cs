namespace CniCore.Linux.Processes;

public sealed partial class ProcessRunner
{
    private const int ETIMEDOUT = 110;
    private static readonly TimeSpan StartLimit = ChildProcess.Patience + TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs the child from a thread of its own. That thread may be blocked in the kernel before exec or after SIGKILL; the caller does not
    /// wait longer than the limits allow.
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
