using System.Globalization;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.Sandboxes;

/// <summary>
/// The namespaces of attached containers, each pinned by a mount of ours: Docker lets go of a none-container's before it says
/// <c>die</c> (moby daemon/monitor.go), and DEL needs it. While it is pinned no other namespace can have its number.
/// </summary>
internal sealed class ContainerNamespaces(Settings settings)
{
    private const string Loopback = "lo";

    /// <summary>Opens a running container's namespace.</summary>
    /// <exception cref="RefusedException">It has ended, or the process id is somebody else's by now.</exception>
    public static NetworkNamespace Open(StartingContainer container)
    {
        NetworkNamespace? space = null;
        try
        {
            space = NetworkNamespace.Open(container.NetNs);
            // Asked after the namespace is open: whose process it is then, his it was before.
            if (!IsOf(container))
                throw new RefusedException($"process {container.Pid} is not of the container {ShortId.Of(container.Id)}: it has ended, "
                    + "and another has its number");
            using var own = NetworkNamespace.Current();
            return space.Identity != own.Identity
                ? space
                : throw new RefusedException(
                    $"the container {ShortId.Of(container.Id)} is in the host's network namespace: run it with --network none");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NamespaceException)
        {
            space?.Dispose();
            throw new RefusedException($"the namespace of the container {ShortId.Of(container.Id)} is gone: {fault.Message}");
        }
        catch
        {
            space?.Dispose();
            throw;
        }
    }

    // Docker names the control group by the id. A rootless engine on a host without cgroup 2 makes none; then it is the folder of the
    // container's hosts, hostname and resolv.conf, which are mounted in it.
    private static bool IsOf(StartingContainer container)
    {
        var process = string.Create(CultureInfo.InvariantCulture, $"/proc/{container.Pid}");
        return File.ReadAllText($"{process}/cgroup").Contains(container.Id, StringComparison.Ordinal)
            || File.ReadLines($"{process}/mountinfo")
                .Any(mount => mount.Contains($"/containers/{container.Id}/", StringComparison.Ordinal));
    }

    /// <summary>Where the container's namespace is pinned, for plugins; empty where none is.</summary>
    public string PinnedPath(string id) => NetworkNamespace.IsAt(PathOf(id)) ? PathOf(id) : "";

    /// <summary>Whether it is this one that is pinned.</summary>
    public bool IsPinned(string id, NetworkNamespace space)
    {
        if (PinnedPath(id).Length == 0)
            return false;
        using var pinned = NetworkNamespace.Open(PathOf(id));
        return pinned.Identity == space.Identity;
    }

    /// <summary>Pins it in place of any other, sets <c>lo</c> up, and answers the path.</summary>
    public string Pin(string id, NetworkNamespace space)
    {
        Unpin(id);
        space.PinAt(PathOf(id));
        using var route = RouteSocket.OpenIn(space);
        if (route.FindLink(Loopback) is { IsUp: false } lo)
            route.SetUp(lo.Index);
        return PathOf(id);
    }

    /// <summary>Pins an empty one, where there is none, and answers the path.</summary>
    public string PinEmpty(string id)
    {
        NetworkNamespace.CreatePinned(PathOf(id)).Dispose();
        return PathOf(id);
    }

    public void Unpin(string id) => NetworkNamespace.Unpin(PathOf(id));

    /// <summary>
    /// Lets IPv6 in. Engines before 26 switch it off in a none-container (libnetwork, osl/namespace_linux.go); the reference plugins
    /// switch it on for their own interface, others expect it on (cni #531).
    /// </summary>
    public static void EnableIPv6(NetworkNamespace space, params IEnumerable<string> interfaces) => space.Inside(() =>
    {
        foreach (var sysctl in interfaces.Select(one => $"/proc/sys/net/ipv6/conf/{one}/disable_ipv6").Where(File.Exists))
        {
            if (File.ReadAllText(sysctl).Trim() != "0")
                File.WriteAllText(sysctl, "0");
        }
    });

    /// <summary>Lets go of all whose container is not known.</summary>
    public void UnpinAllBut(IReadOnlySet<string> known)
    {
        if (!Directory.Exists(settings.ContainerNamespacesFolder))
            return;
        foreach (var path in Directory.EnumerateFiles(settings.ContainerNamespacesFolder)
            .Where(path => !known.Contains(Path.GetFileName(path))))
            NetworkNamespace.Unpin(path);
    }

    private string PathOf(string id) => Path.Combine(settings.ContainerNamespacesFolder, id);
}
