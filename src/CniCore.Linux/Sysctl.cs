namespace CniCore.Linux;

/// <summary>
/// Sysctls of the calling thread's namespace. Keys with <c>/</c>, as interface names have dots: <c>net/ipv4/conf/eth0.5/arp_notify</c>.
/// </summary>
public static class Sysctl
{
    private const string Root = "/proc/sys/";

    /// <summary>Its value; null where this kernel has none of the name, and where it can only be written.</summary>
    public static string? Read(string key)
    {
        // Looked at once: the kernel's look-up here takes longer with each namespace that has the same name.
        var file = new FileInfo(Root + key);
        return file.Exists && (file.UnixFileMode & UnixFileMode.UserRead) != 0 ? File.ReadAllText(file.FullName).Trim() : null;
    }

    /// <summary>Whether it does something and keeps nothing: <c>net/ipv4/route/flush</c>.</summary>
    public static bool IsWriteOnly(string key) =>
        File.Exists(Root + key) && (File.GetUnixFileMode(Root + key) & UnixFileMode.UserRead) == 0;

    /// <summary>Sets it. What has the value already is not written: <c>/proc/sys</c> may be read-only.</summary>
    public static void Write(string key, string value)
    {
        if (Read(key) != value)
            File.WriteAllText(Root + key, value);
    }

    /// <summary>Sets it where this kernel has it: IPv6 may be switched off.</summary>
    public static void WriteIfThere(string key, string value)
    {
        if (Read(key) is { } current && current != value)
            File.WriteAllText(Root + key, value);
    }
}
