using CniCore.Linux;
using CniCore.Linux.Files;
using DockerDriver.Errors;

namespace DockerDriver.Startup;

/// <summary>
/// Makes /proc/sys writable. An engine mounts it read-only in every container and managed plugin (moby oci/defaults.go), and plugins set
/// sysctls such as forwarding and proxy ARP. The change affects this container's mount only.
/// </summary>
internal static class ProcSys
{
    private const string Path = "/proc/sys";

    /// <exception cref="SettingsException">It is read-only, and cannot be remounted.</exception>
    public static void MakeWritable()
    {
        if (!MountPoint.IsReadOnly(Path))
            return;
        try
        {
            MountPoint.MakeWritable(Path);
        }
        catch (LinuxException fault)
        {
            throw new SettingsException($"{Path} is read-only here, and plugins have to write to it: {fault.Message}; give this "
                + "container CAP_SYS_ADMIN and, where there is AppArmor, --security-opt apparmor=unconfined");
        }
    }
}
