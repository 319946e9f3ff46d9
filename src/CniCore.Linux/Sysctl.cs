using CniCore.Linux.Files;

namespace CniCore.Linux;

/// <summary>
/// Sysctls of the calling thread's namespace. Keys are written with <c>/</c>, since interface names may have dots:
/// <c>net/ipv4/conf/eth0.5/arp_notify</c>.
/// </summary>
public static class Sysctl
{
    private const string Root = "/proc/sys/";

    /// <summary>Its value; null if the kernel does not have it, or if it is write-only.</summary>
    public static string? Read(string key)
    {
        // Opened once: the kernel's look-up takes longer with each namespace that has the same name.
        var file = new FileInfo(Root + key);
        return file.Exists && (file.UnixFileMode & UnixFileMode.UserRead) != 0 ? RegularFile.ReadAllText(file.FullName).Trim() : null;
    }

    /// <summary>Whether it is an action without a value: <c>net/ipv4/route/flush</c>.</summary>
    public static bool IsWriteOnly(string key) =>
        File.Exists(Root + key) && (File.GetUnixFileMode(Root + key) & UnixFileMode.UserRead) == 0;

    /// <summary>Sets it. Does not write a value that is already set: <c>/proc/sys</c> may be read-only.</summary>
    public static void Write(string key, string value)
    {
        if (Read(key) != value)
            File.WriteAllText(Root + key, value);
    }

    /// <summary>Sets it if the kernel has it: IPv6 may be disabled.</summary>
    public static void WriteIfThere(string key, string value)
    {
        if (Read(key) is { } current && current != value)
            File.WriteAllText(Root + key, value);
    }
}
