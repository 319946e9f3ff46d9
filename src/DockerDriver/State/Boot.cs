namespace DockerDriver.State;

/// <summary>Which boot this is: what an earlier one made is not in the kernel any more.</summary>
internal sealed class Boot
{
    public string Id { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
