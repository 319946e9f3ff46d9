using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>
/// Runs a child to its end, with one poll(2) loop on one thread for its streams, its end and cancellation. Neither the child nor its
/// children can block the loop: after a deadline, the process group gets SIGTERM, then all that the child has started get SIGKILL; once the
/// child has ended, the pipes are emptied without waiting for grandchildren that keep them open.
/// </summary>
public sealed unsafe partial class ProcessRunner
{
    private const short POLLIN = 1;
    private const short POLLOUT = 4;
    private const int EINTR = 4;
    private const int EAGAIN = 11;
    private const int LookEvery = 20; // ms, if the kernel provides no descriptor for the child
    private readonly ArrayBufferWriter<byte> output = new();
    private readonly ArrayBufferWriter<byte> errors = new();
    private readonly byte[] chunk = new byte[32 * 1024];
    private readonly ChildProcess child;
    private readonly ProcessLimits limits;
    private readonly TimeProvider clock;
    private readonly long started;
    private ReadOnlyMemory<byte> unwritten;
    private bool outputOpen = true;
    private bool errorsOpen = true;
    private ProcessEnd end = ProcessEnd.Itself;
    private TimeSpan? killAt;
    private TimeSpan? giveUpAt;

    private ProcessRunner(ChildProcess child, ReadOnlyMemory<byte> input, ProcessLimits limits, TimeProvider clock)
    {
        (this.child, unwritten, this.limits, this.clock) = (child, input, limits, clock);
        started = clock.GetTimestamp();
    }

    /// <summary>Runs the child from this thread, and so in its namespaces.</summary>
    /// <exception cref="LinuxException">The executable could not be started.</exception>
    public static ProcessExit Run(string path, IEnumerable<string> arguments, IEnumerable<string> environment, ReadOnlyMemory<byte> input,
        ProcessLimits limits, TimeProvider clock, CancellationToken cancel, bool isFirst = false)
    {
        using var wakeUp = Pipe.Open();
        using var child = ChildProcess.Start(path, arguments, environment, isFirst);
        using var registration = cancel.Register(() => Wake(wakeUp.Writer));
        return new ProcessRunner(child, input, limits, clock).Loop(wakeUp.Reader, cancel);
    }

    private ProcessExit Loop(SafeFileHandle wakeUp, CancellationToken cancel)
    {
        if (unwritten.IsEmpty)
            child.Input.Dispose();
        var polled = stackalloc pollfd[5];
        while (true)
        {
            polled[0] = Poll(child.Ended, POLLIN, wanted: true);
            polled[1] = Poll(child.Output, POLLIN, outputOpen);
            polled[2] = Poll(child.Errors, POLLIN, errorsOpen);
            polled[3] = Poll(child.Input, POLLOUT, !unwritten.IsEmpty);
            polled[4] = Poll(wakeUp, POLLIN, wanted: end == ProcessEnd.Itself);
            if (LibC.poll(polled, 5, Remaining()) < 0 && LibC.errno != EINTR)
                throw new LinuxException("waiting for a child", LibC.errno);

            if (polled[3].revents != 0)
                Write();
            if (polled[1].revents != 0)
                outputOpen = Read(child.Output, output, limits.Output, cutOnly: false);
            if (polled[2].revents != 0)
                errorsOpen = Read(child.Errors, errors, limits.Errors, cutOnly: true);
            if (polled[0].revents != 0 || (child.Ended is null && child.HasEnded))
                return Finish();
            if (end == ProcessEnd.Itself && cancel.IsCancellationRequested)
                Stop(ProcessEnd.Cancelled);
            if (end == ProcessEnd.Itself && Elapsed >= limits.Deadline)
                Stop(ProcessEnd.Deadline);
            if (killAt is { } at && Elapsed >= at)
            {
                child.Kill();
                giveUpAt ??= Elapsed + limits.Grace;
                killAt = giveUpAt;
            }
            if (giveUpAt is { } last && Elapsed >= last)
                return GiveUp();
        }
    }

    private TimeSpan Elapsed => clock.GetElapsedTime(started);

    private ProcessExit Finish()
    {
        if (end != ProcessEnd.Itself)
            child.Kill(); // those that survived SIGTERM, or were never sent it
        var (status, signal) = child.Reap();
        Drain(child.Output, output, limits.Output, cutOnly: false);
        Drain(child.Errors, errors, limits.Errors, cutOnly: true);
        return new(status, signal, end, output.WrittenSpan.ToArray(), errors.WrittenSpan.ToArray());
    }

    // The kernel blocks it, for example in a file system that does not answer. It ends when that does.
    private ProcessExit GiveUp()
    {
        child.Abandon();
        return new(null, LibC.SIGKILL, end, output.WrittenSpan.ToArray(), errors.WrittenSpan.ToArray());
    }

    private void Stop(ProcessEnd why)
    {
        end = why;
        killAt = Elapsed + limits.Grace;
        child.Terminate();
    }

    private void Drain(SafeFileHandle from, ArrayBufferWriter<byte> into, int limit, bool cutOnly)
    {
        int before;
        do
        {
            before = into.WrittenCount;
        }
        while (Read(from, into, limit, cutOnly) && into.WrittenCount > before && into.WrittenCount < limit);
    }

    // False at the end of the stream.
    private bool Read(SafeFileHandle from, ArrayBufferWriter<byte> into, int limit, bool cutOnly)
    {
        fixed (byte* bytes = chunk)
        {
            var size = (int)LibC.read((int)from.DangerousGetHandle(), bytes, chunk.Length);
            if (size <= 0)
                return size < 0;
            into.Write(chunk.AsSpan(0, Math.Min(size, limit - into.WrittenCount)));
            if (into.WrittenCount >= limit && !cutOnly && end == ProcessEnd.Itself)
                Stop(ProcessEnd.TooMuchOutput);
            return true;
        }
    }

    private void Write()
    {
        fixed (byte* bytes = unwritten.Span)
        {
            var size = (int)LibC.write((int)child.Input.DangerousGetHandle(), bytes, unwritten.Length);
            // A plugin that does not read its input closes the pipe, as VERSION may.
            if (size >= 0)
                unwritten = unwritten[size..];
            else if (LibC.errno is not (EINTR or EAGAIN))
                unwritten = default;
        }
        if (unwritten.IsEmpty)
            child.Input.Dispose();
    }

    private int Remaining()
    {
        var until = (killAt ?? limits.Deadline) - Elapsed;
        return (int)Math.Clamp(Math.Ceiling(until.TotalMilliseconds), 0, child.Ended is null ? LookEvery : 60_000);
    }

    private static pollfd Poll(SafeFileHandle? file, short events, bool wanted) =>
        new() { fd = wanted && file is { IsClosed: false } ? (int)file.DangerousGetHandle() : -1, events = events };

    private static void Wake(SafeFileHandle writer)
    {
        byte signal = 1;
        _ = LibC.write((int)writer.DangerousGetHandle(), &signal, 1);
    }
}
