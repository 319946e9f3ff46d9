using CniCore.Linux.Files;

namespace DockerDriver.State;

/// <summary>The id of the current boot (<c>/proc/sys/kernel/random/boot_id</c>). Kernel objects of another boot no longer exist.</summary>
internal sealed class Boot
{
    public string Id { get; } = RegularFile.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
