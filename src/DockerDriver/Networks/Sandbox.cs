using System.Globalization;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>Looks into a container's namespace as Docker keeps it: who lives there, and where our interface is.</summary>
internal static class Sandbox
{
    public static bool Exists(StoredEndpoint endpoint) => endpoint.SandboxKey.Length > 0 && NetworkNamespace.IsAt(endpoint.SandboxKey);

    /// <summary>Whether the endpoint's interface is inside, whatever it is called there.</summary>
    public static bool HasInterface(StoredEndpoint endpoint) => Find(endpoint) is not null;

    /// <summary>Whether it is inside under that name.</summary>
    public static bool HasInterface(StoredEndpoint endpoint, InterfaceName name) => Find(endpoint)?.Name == name.ToString();

    /// <summary>Moves the endpoint's interface out, renamed on the way. Says whether there was one.</summary>
    public static bool TakeOut(StoredEndpoint endpoint, NetworkNamespace target, InterfaceName name)
    {
        if (Find(endpoint) is not { } link)
            return false;
        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        using var route = RouteSocket.OpenIn(space);
        route.MoveTo(link.Index, target, name.ToString());
        return true;
    }

    /// <summary>
    /// Whether a process runs inside. One does at a disconnect, none when the container has ended: only then may the interface be
    /// deleted in place. libnetwork keeps one it could not move out in its books, and a living container's statistics would fail over it.
    /// </summary>
    public static bool IsInhabited(StoredEndpoint endpoint)
    {
        if (!Exists(endpoint))
            return false;
        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        var inside = string.Create(CultureInfo.InvariantCulture, $"net:[{space.Identity.Inode}]");
        return Directory.EnumerateDirectories("/proc")
            .Where(process => char.IsAsciiDigit(Path.GetFileName(process)[0]))
            .Any(process => NamespaceOf(process) == inside);
    }

    /// <summary>The endpoint's interface, by its MAC: libnetwork keeps that through the move, while names, indexes and addresses change.</summary>
    public static Link? Find(StoredEndpoint endpoint)
    {
        if (!Exists(endpoint))
            return null;
        using var space = NetworkNamespace.Open(endpoint.SandboxKey);
        using var route = RouteSocket.OpenIn(space);
        return route.Links().FirstOrDefault(link => string.Equals(link.Mac, endpoint.Mac, StringComparison.OrdinalIgnoreCase));
    }

    private static string? NamespaceOf(string process)
    {
        try
        {
            return File.ResolveLinkTarget(Path.Combine(process, "ns/net"), returnFinalTarget: false)?.Name;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile, or is a kernel thread
        }
    }
}
