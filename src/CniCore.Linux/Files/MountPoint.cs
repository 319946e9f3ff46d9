using System.Text;
using Tmds.Linux;

namespace CniCore.Linux.Files;

/// <summary>What is mounted at a path, as this process sees it.</summary>
public static class MountPoint
{
    /// <summary>Whether what is mounted right at the path may be read only; false where nothing is.</summary>
    public static bool IsReadOnly(string path) => File.ReadLines("/proc/self/mountinfo")
        // proc_pid_mountinfo(5): id, parent, device, root, mount point, options, …; what was mounted last is on top
        .Select(line => line.Split(' '))
        .LastOrDefault(fields => fields[4] == path)?[5].Split(',').Contains("ro") == true;

    /// <summary>Lets this process's mount namespace write there. A file system that is read-only itself stays so.</summary>
    /// <exception cref="LinuxException">The kernel refuses: it takes CAP_SYS_ADMIN.</exception>
    public static unsafe void MakeWritable(string path)
    {
        fixed (byte* target = (byte[])[.. Encoding.UTF8.GetBytes(path), 0])
        {
            if (LibC.mount(null, target, null, LibC.MS_REMOUNT | LibC.MS_BIND | LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOEXEC, null) != 0)
                throw new LinuxException($"making {path} writable", LibC.errno);
        }
    }
}
