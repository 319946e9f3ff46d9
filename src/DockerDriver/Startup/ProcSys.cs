using CniCore.Linux;
using CniCore.Linux.Files;
using DockerDriver.Errors;

namespace DockerDriver.Startup;

/// <summary>
/// /proc/sys, which an engine mounts read-only into every container and managed plugin (moby oci/defaults.go). Plugins set forwarding,
/// proxy ARP and more there; the mount is this container's own, and so is the change.
/// </summary>
internal static class ProcSys
{
    private const string Path = "/proc/sys";

    /// <exception cref="SettingsException">It is read-only, and we may not change that.</exception>
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
