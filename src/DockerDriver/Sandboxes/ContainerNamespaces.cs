using System.Globalization;
using CniCore.Linux.Files;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.Sandboxes;

/// <summary>
/// The netns of each label container, pinned by a bind mount. Docker releases it before it sends the event <c>die</c> (moby
/// daemon/monitor.go), and DEL needs it. While it is pinned its inode number cannot be reused.
/// </summary>
internal sealed class ContainerNamespaces(Settings settings)
{
    private const string Loopback = "lo";

    /// <summary>Opens a running container's netns.</summary>
    /// <exception cref="RefusedException">The container has ended, or its process id belongs to another process.</exception>
    public static NetworkNamespace Open(StartingContainer container)
    {
        NetworkNamespace? netns = null;
        try
        {
            netns = NetworkNamespace.Open(container.NetNs);
            // Checked after the netns is open: if the process is the container's now, it was when the netns was opened.
            if (!IsOf(container))
                throw new RefusedException($"process {container.Pid} does not belong to the container {ShortId.Of(container.Id)}: the "
                    + "container has ended");
            using var own = NetworkNamespace.Current();
            return netns.Identity != own.Identity
                ? netns
                : throw new RefusedException(
                    $"the container {ShortId.Of(container.Id)} is in the host's network namespace: run it with --network none");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NamespaceException)
        {
            netns?.Dispose();
            throw new RefusedException($"the namespace of the container {ShortId.Of(container.Id)} is gone: {fault.Message}");
        }
        catch
        {
            netns?.Dispose();
            throw;
        }
    }

    // Docker names the cgroup after the container's id. A rootless engine on a host without cgroup v2 creates none; then the id is in the
    // paths of the mounted hosts, hostname and resolv.conf.
    private static bool IsOf(StartingContainer container)
    {
        var process = string.Create(CultureInfo.InvariantCulture, $"/proc/{container.Pid}");
        return RegularFile.ReadAllText($"{process}/cgroup").Contains(container.Id, StringComparison.Ordinal)
            || RegularFile.ReadAllLines($"{process}/mountinfo", RegularFile.KernelLimit)
                .Any(mount => mount.Contains($"/containers/{container.Id}/", StringComparison.Ordinal));
    }

    /// <summary>The path of the container's pinned netns, for plugins; empty where none is pinned.</summary>
    public string PinnedPath(string id) => NetworkNamespace.IsAt(PathOf(id)) ? PathOf(id) : "";

    /// <summary>Whether this netns is the pinned one.</summary>
    public bool IsPinned(string id, NetworkNamespace netns)
    {
        if (PinnedPath(id).Length == 0)
            return false;
        using var pinned = NetworkNamespace.Open(PathOf(id));
        return pinned.Identity == netns.Identity;
    }

    /// <summary>Pins this netns in place of any other, sets <c>lo</c> up, and returns the path.</summary>
    public string Pin(string id, NetworkNamespace netns)
    {
        Unpin(id);
        netns.PinAt(PathOf(id));
        using var route = RouteSocket.OpenIn(netns);
        if (route.FindLink(Loopback) is { IsUp: false } lo)
            route.SetUp(lo.Index);
        return PathOf(id);
    }

    /// <summary>Pins a new netns where none is pinned, and returns the path.</summary>
    public string PinEmpty(string id)
    {
        NetworkNamespace.CreatePinned(PathOf(id)).Dispose();
        return PathOf(id);
    }

    public void Unpin(string id) => NetworkNamespace.Unpin(PathOf(id));

    /// <summary>
    /// Enables IPv6. Engines before 26 disable it in a container of <c>--network none</c> (libnetwork, osl/namespace_linux.go). The
    /// reference plugins enable it on their own interface; others expect it to be enabled (cni #531).
    /// </summary>
    public static void EnableIPv6(NetworkNamespace netns, params IEnumerable<string> interfaces) => netns.Inside(() =>
    {
        foreach (var sysctl in interfaces.Select(name => $"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").Where(File.Exists))
        {
            if (RegularFile.ReadAllText(sysctl).Trim() != "0")
                File.WriteAllText(sysctl, "0");
        }
    });

    /// <summary>Unpins the netns of every container that is not in the set.</summary>
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
