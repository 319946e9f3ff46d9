using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Files;
using CniCore.Linux.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using statfs = CniCore.Linux.Interop.statfs;

namespace CniCore.Linux.Namespaces;

/// <summary>A network namespace, held by an open file. Work inside runs on a thread that is discarded afterwards.</summary>
public sealed class NetworkNamespace : IDisposable
{
    private const int ENOENT = 2;
    private const int EINVAL = 22;
    private const int EEXIST = 17;
    private const short POLLPRI = 2;
    private const int NS_GET_NSTYPE = 0xb703; // linux/nsfs.h: _IO(NSIO, 0x3)
    private readonly SafeFileHandle file;

    private NetworkNamespace(SafeFileHandle file) => this.file = file;

    /// <summary>The file descriptor, for netlink attributes and setns.</summary>
    internal SafeFileHandle Handle => file;

    /// <summary>The identity of the namespace, whatever path leads to it.</summary>
    public FileIdentity Identity =>
        FileIdentity.Of(file) ?? throw new NamespaceException("looking at a network namespace", Marshal.GetLastPInvokeError());

    /// <summary>Opens the namespace at a path: a bind mount, or <c>/proc/PID/ns/net</c>.</summary>
    /// <exception cref="FileNotFoundException">There is nothing at the path.</exception>
    /// <exception cref="NamespaceException">There is something else at the path.</exception>
    public static NetworkNamespace Open(string path)
    {
        var file = OpenWithoutLock(path);
        var added = false;
        file.DangerousAddRef(ref added);
        try
        {
            if (LibC.ioctl((int)file.DangerousGetHandle(), NS_GET_NSTYPE) == LibC.CLONE_NEWNET)
                return new(file);
        }
        finally
        {
            file.DangerousRelease();
        }
        file.Dispose();
        throw new NamespaceException($"opening {path}", EINVAL, "it is not a network namespace");
    }

    /// <summary>The namespace of the calling thread.</summary>
    public static NetworkNamespace Current() => Open("/proc/thread-self/ns/net");

    /// <summary>Whether a namespace is pinned at the path. An ordinary file there is none.</summary>
    public static bool IsAt(string path) => statfs.Read(path, out var found) == 0 && found.f_type == statfs.NSFS_MAGIC;

    /// <summary>
    /// Waits until a namespace is pinned at the path, and opens it; null after the timeout. The kernel reports every mount.
    /// </summary>
    public static NetworkNamespace? AwaitAt(string path, TimeSpan limit)
    {
        // proc(5): poll reports mounts since the file was opened or polled last
        using var mounts = File.OpenHandle("/proc/self/mountinfo");
        var started = Stopwatch.GetTimestamp();
        while (!IsAt(path))
        {
            var left = limit - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return null;
            unsafe
            {
                var change = new pollfd { fd = (int)mounts.DangerousGetHandle(), events = POLLPRI };
                _ = LibC.poll(&change, 1, (int)Math.Ceiling(left.TotalMilliseconds));
            }
        }
        return Open(path);
    }

    /// <summary>
    /// Creates a namespace and pins it at a path, which must be free. Its <c>lo</c> is down. If it fails, nothing stays at the path.
    /// </summary>
    /// <exception cref="NamespaceException">There is one already, or the kernel refuses.</exception>
    public static NetworkNamespace CreatePinned(string path)
    {
        MakeMountPoint(path);
        try
        {
            OnThreadOfItsOwn(() =>
            {
                if (LibC.unshare(LibC.CLONE_NEWNET) != 0)
                    throw new NamespaceException("making a network namespace", LibC.errno);
                BindMount("/proc/thread-self/ns/net", path);
                return true;
            });
            return Open(path);
        }
        catch
        {
            Unpin(path);
            throw;
        }
    }

    /// <summary>Pins the namespace at a path, which must be free: it then exists without processes.</summary>
    public void PinAt(string path)
    {
        MakeMountPoint(path);
        try
        {
            BindMount($"/proc/self/fd/{file.DangerousGetHandle()}", path);
        }
        catch
        {
            Unpin(path);
            throw;
        }
    }

    /// <summary>Removes the pin at a path. Idempotent.</summary>
    public static void Unpin(string path)
    {
        while (IsAt(path)) // pins can be stacked
        {
            unsafe
            {
                fixed (byte* target = CString(path))
                {
                    if (LibC.umount2(target, LibC.MNT_DETACH) != 0)
                        throw new NamespaceException($"unmounting {path}", LibC.errno);
                }
            }
        }
        if (Path.Exists(path))
            File.Delete(path);
    }

    /// <summary>
    /// Runs <paramref name="work"/> inside and returns its result, for example a netlink socket, which stays in the namespace where it was
    /// opened.
    /// </summary>
    public T Inside<T>(Func<T> work) => OnThreadOfItsOwn(() =>
    {
        var added = false;
        file.DangerousAddRef(ref added);
        try
        {
            if (LibC.setns((int)file.DangerousGetHandle(), LibC.CLONE_NEWNET) != 0)
                throw new NamespaceException("entering a network namespace", LibC.errno);
        }
        finally
        {
            file.DangerousRelease();
        }
        return work();
    });

    /// <summary>Runs <paramref name="work"/> inside.</summary>
    public void Inside(Action work) => Inside(() =>
    {
        work();
        return true;
    });

    /// <summary>Closes the file. The namespace exists as long as something else holds it.</summary>
    public void Dispose() => file.Dispose();

    /// <summary>
    /// Runs on a new thread that ends afterwards: a thread in another namespace must not return to the pool. Nor may it start threads,
    /// which would stay in the namespace.
    /// </summary>
    internal static T OnThreadOfItsOwn<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? fault = null;
        var visitor = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception any)
            {
                fault = ExceptionDispatchInfo.Capture(any);
            }
        });
        visitor.Start();
        visitor.Join();
        fault?.Throw();
        return result;
    }

    // .NET's File takes a shared flock on what it opens, and refuses a locked file: the plugin sbr locks its namespace.
    private static unsafe SafeFileHandle OpenWithoutLock(string path)
    {
        fixed (byte* name = CString(path))
        {
            var descriptor = LibC.open(name, LibC.O_RDONLY | LibC.O_CLOEXEC);
            if (descriptor >= 0)
                return new(descriptor, ownsHandle: true);
        }
        var errno = LibC.errno;
        throw errno == ENOENT
            ? new FileNotFoundException($"there is nothing at {path}", path)
            : new NamespaceException($"opening {path}", errno);
    }

    private static void MakeMountPoint(string path)
    {
        if (IsAt(path))
            throw new NamespaceException($"making a network namespace at {path}", EEXIST, "there is one already");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Create(path).Dispose();
    }

    private static unsafe void BindMount(string source, string target)
    {
        fixed (byte* from = CString(source), to = CString(target))
        {
            if (LibC.mount(from, to, null, LibC.MS_BIND, null) != 0)
                throw new NamespaceException($"pinning a network namespace at {target}", LibC.errno);
        }
    }

    private static byte[] CString(string text) => [.. Encoding.UTF8.GetBytes(text), 0];
}
