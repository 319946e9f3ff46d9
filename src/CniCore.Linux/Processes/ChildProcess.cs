using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>
/// A child process in its own process group, with pipes for its three streams. .NET's Process has no groups, and a plugin's children must
/// be killed with it, those too that have left the group: see <see cref="ProcessFamily"/>.
/// </summary>
internal sealed unsafe class ChildProcess : IDisposable
{
    private const int ETIMEDOUT = 110;

    /// <summary>
    /// Held from fork to exec. Until exec the child has all our descriptors, so that what this process closes stays open. Also held by
    /// whoever must really close something, such as a bound socket.
    /// </summary>
    public static readonly Lock Starting = new();

    // Killed children that did not end: they are reaped once they have, when another child is started.
    private static readonly ConcurrentDictionary<int, bool> Abandoned = new();

    // exec can hang too, on a file system that does. Others must not wait for it forever.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly int pid;
    private readonly SafeFileHandle? pidfd;

    private readonly ProcessFamily family;

    private ChildProcess(
        int pid, string mark, SafeFileHandle? pidfd, SafeFileHandle input, SafeFileHandle output, SafeFileHandle errors)
    {
        this.pid = pid;
        this.pidfd = pidfd;
        family = new(pid, mark);
        (Input, Output, Errors) = (input, output, errors);
    }

    public SafeFileHandle Input { get; }

    public SafeFileHandle Output { get; }

    public SafeFileHandle Errors { get; }

    /// <summary>
    /// A descriptor that becomes readable when the child ends. Null if the kernel refuses it (a filter of system calls, no free
    /// descriptors): then <see cref="HasEnded"/> is polled.
    /// </summary>
    public SafeFileHandle? Ended => pidfd;

    /// <summary>Whether the child has ended.</summary>
    public bool HasEnded => HasEndedNow(pid);

    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Its complete environment.</param>
    /// <param name="isFirst">Whether it is the first process of a new process namespace, whose other processes end with it.</param>
    /// <exception cref="LinuxException">It could not be started; <see cref="LinuxException.Errno"/> is that of exec.</exception>
    public static ChildProcess Start(string path, IEnumerable<string> arguments, IEnumerable<string> environment, bool isFirst = false)
    {
        CollectAbandoned();
        using Pipe input = Pipe.Open(), output = Pipe.Open(), errors = Pipe.Open();
        var mark = $"STARTED_AS={Guid.NewGuid():N}";
        var pid = Spawn(path, arguments, environment.Append(mark), input.Reader, output.Writer, errors.Writer, isFirst);
        var pidfd = spawn.pidfd_open(spawn.SYS_pidfd_open, pid, 0);
        foreach (var ours in new[] { input.Writer, output.Reader, errors.Reader })
            Pipe.SetNonBlocking(ours);
        return new(pid, mark, pidfd < 0 ? null : new(pidfd, ownsHandle: true), Keep(input.Writer), Keep(output.Reader),
            Keep(errors.Reader));
    }

    /// <summary>Asks the child's process group to end. No error if it is gone.</summary>
    public void Terminate()
    {
        family.Look(); // while parents live
        _ = LibC.kill(-pid, LibC.SIGTERM);
    }

    /// <summary>Kills the child, and whatever it has started. Not after <see cref="Reap()"/>.</summary>
    public void Kill()
    {
        _ = LibC.kill(-pid, LibC.SIGKILL);
        family.Kill();
    }

    /// <summary>Reaps the child and returns how it ended. Call it once, after the end.</summary>
    public (int? Status, int Signal) Reap() => Reap(pid);

    /// <summary>Abandons the child: it was killed, but the kernel does not let it end.</summary>
    public void Abandon() => Abandoned[pid] = true;

    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
        Errors.Dispose();
        pidfd?.Dispose();
    }

    // The pid is not reused until the child is reaped.
    private static (int? Status, int Signal) Reap(int pid)
    {
        var info = stackalloc byte[spawn.SigInfoSize];
        _ = spawn.waitid(spawn.P_PID, pid, info, spawn.WEXITED);
        // siginfo_t of SIGCHLD on 64-bit: si_signo, si_errno, si_code, padding, si_pid, si_uid, si_status.
        var fields = (int*)info;
        return fields[2] == spawn.CLD_EXITED ? (fields[6], 0) : (null, fields[6]);
    }

    private static bool HasEndedNow(int pid)
    {
        var info = stackalloc byte[spawn.SigInfoSize];
        ((int*)info)[4] = 0;
        return spawn.waitid(spawn.P_PID, pid, info, spawn.WEXITED | spawn.WNOHANG | spawn.WNOWAIT) != 0 || ((int*)info)[4] != 0;
    }

    private static void CollectAbandoned()
    {
        foreach (var pid in Abandoned.Keys.Where(HasEndedNow))
        {
            if (Abandoned.TryRemove(pid, out _))
                Reap(pid);
        }
    }

    private static int Spawn(string path, IEnumerable<string> arguments, IEnumerable<string> environment, SafeFileHandle input,
        SafeFileHandle output, SafeFileHandle errors, bool isFirst)
    {
        byte* attributes = stackalloc byte[spawn.AttributesSize], actions = stackalloc byte[spawn.FileActionsSize],
            signals = stackalloc byte[spawn.SignalSetSize];
        spawn.posix_spawnattr_init(attributes);
        spawn.posix_spawn_file_actions_init(actions);
        byte** argv = Vector([path, .. arguments]), envp = Vector(environment);
        try
        {
            spawn.posix_spawnattr_setflags(attributes,
                spawn.POSIX_SPAWN_SETPGROUP | spawn.POSIX_SPAWN_SETSIGDEF | spawn.POSIX_SPAWN_SETSIGMASK);
            spawn.posix_spawnattr_setpgroup(attributes, 0);
            spawn.sigfillset(signals);
            spawn.posix_spawnattr_setsigdefault(attributes, signals); // .NET ignores SIGPIPE, and a child would inherit that
            spawn.sigemptyset(signals);
            spawn.posix_spawnattr_setsigmask(attributes, signals);
            spawn.posix_spawn_file_actions_adddup2(actions, (int)input.DangerousGetHandle(), 0);
            spawn.posix_spawn_file_actions_adddup2(actions, (int)output.DangerousGetHandle(), 1);
            spawn.posix_spawn_file_actions_adddup2(actions, (int)errors.DangerousGetHandle(), 2);
            int pid, errno;
            using var own = isFirst ? File.OpenHandle("/proc/thread-self/ns/pid") : null;
            if (own is not null)
                Isolation.Rehearse(own);
            if (!Starting.TryEnter(Patience))
                throw new LinuxException($"starting {path}", ETIMEDOUT,
                    "another program is being started and does not come to run: does its file system answer?");
            try
            {
                if (own is not null)
                    Isolation.LeaveProcesses();
                errno = spawn.posix_spawn(out pid, path, actions, attributes, argv, envp); // returns after exec
                if (own is not null)
                    Isolation.ReturnToProcesses(own);
            }
            finally
            {
                Starting.Exit();
            }
            return errno == 0 ? pid : throw new LinuxException($"starting {path}", errno);
        }
        finally
        {
            Free(argv);
            Free(envp);
            spawn.posix_spawn_file_actions_destroy(actions);
            spawn.posix_spawnattr_destroy(attributes);
        }
    }

    // The other end is disposed by its "using"; this one is passed on.
    private static SafeFileHandle Keep(SafeFileHandle end)
    {
        var kept = new SafeFileHandle(end.DangerousGetHandle(), ownsHandle: true);
        end.SetHandleAsInvalid();
        return kept;
    }

    private static byte** Vector(IEnumerable<string> strings)
    {
        var texts = strings.ToList();
        var vector = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(texts[i]);
            vector[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(vector[i], bytes.Length));
        }
        return vector;
    }

    private static void Free(byte** vector)
    {
        for (var entry = vector; *entry is not null; entry++)
            NativeMemory.Free(*entry);
        NativeMemory.Free(vector);
    }
}
