using CniCore.Linux.Files;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>
/// A private view of the machine's files, which a program can change without effect: an overlay in memory over each folder of <c>/</c> and
/// over each file system below one, an empty <c>/run</c> without sockets of daemons, and a read-only <c>/</c>.
/// </summary>
public static class PrivateFiles
{
    private static readonly string[] OfTheKernel = ["/proc", "/sys", "/dev", "/run"];

    // Kernel file systems, automounts, and the roots of other containers.
    private static readonly string[] NotFiles = ["proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "nsfs", "autofs", "overlay"];

    /// <summary>The folder of all written files, in the layout that <see cref="WrittenFiles"/> reads.</summary>
    public const string Written = "/run/written";

    private const string Work = "/run/.work";

    /// <summary>The paths of files that were written or deleted, in the mounts of <see cref="Enter"/>.</summary>
    public static IEnumerable<string> WrittenFiles()
    {
        var all = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = 0 };
        foreach (var mount in Mounts())
        {
            if (mount.Options.Split(',').FirstOrDefault(option =>
                option.StartsWith($"upperdir={Written}/", StringComparison.Ordinal))?["upperdir=".Length..] is not { } upper)
                continue;
            foreach (var path in Directory.EnumerateFiles(upper, "*", all))
                yield return mount.Path.TrimEnd('/') + path[upper.Length..];
        }
    }

    internal static void Enter(IEnumerable<string> kept)
    {
        Isolation.LeaveMounts();
        var below = Mounts().Where(mount =>
            !OfTheKernel.Append("/boot").Any(top => mount.Path == top || mount.Path.StartsWith(top + "/", StringComparison.Ordinal))
                && mount.Path.LastIndexOf('/') > 0 && !NotFiles.Contains(mount.Type))
            .Select(mount => mount.Path).Distinct().Where(Path.Exists).Order(StringComparer.Ordinal)
                .Select(path => (Path: path, Handle: OpenPath(path))).ToList();
        var open = kept.Distinct().Where(Directory.Exists).Select(path => (Path: path, Handle: OpenFolder(path))).ToList();
        try
        {
            var folders = Directory.GetDirectories("/")
                .Where(path => !OfTheKernel.Contains(path) && new DirectoryInfo(path).LinkTarget is null).ToList();
            Isolation.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755");
            foreach (var (folder, number) in folders.Select((folder, number) => (folder, number)))
                Cover(folder, folder, number);
            foreach (var (mount, number) in below.Select((mount, number) => (mount, folders.Count + number)))
                Show(mount.Path, mount.Handle, number);
            Isolation.Mount("none", "/", null, (ulong)(LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_RDONLY));
            foreach (var (path, handle) in open)
                Keep(path, handle);
        }
        finally
        {
            foreach (var (_, handle) in open.Concat(below))
                handle.Dispose();
        }
    }

    private static void Cover(string folder, string lower, int number)
    {
        string upper = $"{Written}/{number}", work = $"{Work}/{number}";
        Directory.CreateDirectory(upper);
        Directory.CreateDirectory(work);
        Isolation.Mount("overlay", folder, "overlay", 0, $"lowerdir={lower},upperdir={upper},workdir={work}");
    }

    // An overlay does not show mounts below the folder it covers. A mount that cannot be overlaid, such as a file, is read-only.
    private static void Show(string path, SafeFileHandle handle, int number)
    {
        var source = $"/proc/self/fd/{handle.DangerousGetHandle()}";
        try
        {
            Cover(path, source, number);
        }
        catch (LinuxException)
        {
            if (!Path.Exists(path))
                return; // another mount hides it
            Isolation.Mount(source, path, null, (ulong)LibC.MS_BIND);
            Isolation.Mount("none", path, null, (ulong)(LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_RDONLY));
        }
    }

    // proc_pid_mountinfo(5): id, parent, device, root, mount point, options, optional fields, "-", type, source, options of the file system
    private static List<(string Path, string Type, string Options)> Mounts() =>
        [.. RegularFile.ReadAllLines("/proc/self/mountinfo", RegularFile.KernelLimit).Select(line => line.Split(' ')).Select(fields =>
            (Unescaped(fields[4]), fields[Array.IndexOf(fields, "-") + 1], fields[^1]))];

    private static string Unescaped(string path) =>
        path.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
            .Replace("\\134", "\\", StringComparison.Ordinal);

    // The folders that plugins need are read-only too.
    private static void Keep(string path, SafeFileHandle handle)
    {
        Directory.CreateDirectory(path);
        Isolation.Mount($"/proc/self/fd/{handle.DangerousGetHandle()}", path, null, (ulong)LibC.MS_BIND);
        Isolation.Mount("none", path, null, (ulong)(LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_RDONLY));
    }

    private static unsafe SafeFileHandle OpenPath(string path)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            var file = LibC.open(name, LibC.O_PATH | LibC.O_CLOEXEC);
            return file >= 0 ? new(file, ownsHandle: true) : throw new LinuxException($"opening {path}", LibC.errno);
        }
    }

    private static unsafe SafeFileHandle OpenFolder(string path)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            var file = LibC.open(name, LibC.O_DIRECTORY | LibC.O_CLOEXEC);
            return file >= 0 ? new(file, ownsHandle: true) : throw new LinuxException($"opening {path}", LibC.errno);
        }
    }
}
