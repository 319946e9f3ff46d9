using System.Text;
using Tmds.Linux;

namespace CniCore.Linux.Files;

/// <summary>The mount at a path, as this process sees it.</summary>
public static class MountPoint
{
    /// <summary>Whether the mount at exactly this path is read-only; false if there is none.</summary>
    public static bool IsReadOnly(string path) => RegularFile.ReadAllLines("/proc/self/mountinfo", RegularFile.KernelLimit)
        // proc_pid_mountinfo(5): id, parent, device, root, mount point, options, …; the last one is on top
        .Select(line => line.Split(' '))
        .LastOrDefault(fields => fields[4] == path)?[5].Split(',').Contains("ro") == true;

    /// <summary>Makes the mount writable in this process's mount namespace. A file system that is read-only itself stays so.</summary>
    /// <exception cref="LinuxException">The kernel refuses: this needs CAP_SYS_ADMIN.</exception>
    public static unsafe void MakeWritable(string path)
    {
        fixed (byte* target = (byte[])[.. Encoding.UTF8.GetBytes(path), 0])
        {
            if (LibC.mount(null, target, null, LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC, null) != 0)
                throw new LinuxException($"making {path} writable", LibC.errno);
        }
    }
}
