using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>
/// The machine's files as a program may change them without changing any: an overlay over each folder of <c>/</c>, with its changes in
/// memory; an empty <c>/run</c>, with no socket of any daemon; <c>/</c> itself closed.
/// </summary>
public static class PrivateFiles
{
    private static readonly string[] OfTheKernel = ["/proc", "/sys", "/dev", "/run"];

    /// <summary>Where all that was written lies: a folder for each folder of <c>/</c>, and what was written in it below that.</summary>
    public const string Written = "/run/written";

    internal static void Enter(IEnumerable<string> kept)
    {
        Isolation.LeaveMounts();
        var open = kept.Distinct().Where(Directory.Exists).Select(path => (Path: path, Handle: OpenFolder(path))).ToList();
        try
        {
            var folders = Directory.GetDirectories("/").Where(path => !OfTheKernel.Contains(path) && new DirectoryInfo(path).LinkTarget is null).ToList();
            Isolation.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755");
            foreach (var folder in folders)
            {
                string upper = Written + folder, work = "/run/.work" + folder;
                Directory.CreateDirectory(upper);
                Directory.CreateDirectory(work);
                Isolation.Mount("overlay", folder, "overlay", 0, $"lowerdir={folder},upperdir={upper},workdir={work}");
            }
            Isolation.Mount("none", "/", null, (ulong)(LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_RDONLY));
            foreach (var (path, handle) in open)
                Keep(path, handle);
        }
        finally
        {
            foreach (var (_, handle) in open)
                handle.Dispose();
        }
    }

    // An overlay shows nothing of what is mounted below the folder it covers.
    private static void Keep(string path, SafeFileHandle handle)
    {
        Directory.CreateDirectory(path);
        Isolation.Mount($"/proc/self/fd/{handle.DangerousGetHandle()}", path, null, (ulong)LibC.MS_BIND);
        Isolation.Mount("none", path, null, (ulong)(LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_RDONLY));
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
