using CniCore.Linux.Files;

namespace CniCore.Linux.Namespaces;

/// <summary>The user namespace of this process.</summary>
public static class UserNamespace
{
    /// <summary>Whether it is the initial one, the host's: it alone maps every id (user_namespaces(7)).</summary>
    public static bool IsInitial { get; } = IsOfHost(RegularFile.ReadAllText("/proc/self/uid_map"));

    /// <param name="uidMap">The content of <c>/proc/PID/uid_map</c>.</param>
    internal static bool IsOfHost(string uidMap) =>
        uidMap.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is ["0", "0", "4294967295"];
}
