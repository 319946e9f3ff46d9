using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Tests.Linux;

/// <summary>A test with network namespaces of its own, which go with it.</summary>
public abstract class LinuxTest : IDisposable
{
    // Made in every namespace by kernels with these modules loaded (net.core.fb_tunnels_only_for_init_net).
    private static readonly string[] Fallbacks =
        ["tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip6gre0", "ip_vti0", "ip6_vti0"];

    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;
    private readonly List<NetworkNamespace> spaces = [];
    private readonly List<HostNetwork> hosts = [];

    protected LinuxTest() => Assert.SkipUnless(Environment.UserName == "root", "needs root: network namespaces");

    protected string Folder => folder;

    protected string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>A fresh namespace, pinned under that name.</summary>
    protected NetworkNamespace Space(string name)
    {
        var space = NetworkNamespace.CreatePinned(PathOf(name));
        spaces.Add(space);
        Baseline.Set(space);
        return space;
    }

    /// <summary>The firewall of a namespace that serves as a host.</summary>
    protected HostFirewall FirewallOf(NetworkNamespace space)
    {
        hosts.Add(new(space));
        return new(hosts[^1]);
    }

    /// <summary>A routing socket in a fresh namespace.</summary>
    protected RouteSocket Route(string name) => RouteSocket.OpenIn(Space(name));

    /// <summary>The interfaces, by name, without those that a new namespace has on some hosts.</summary>
    protected static IEnumerable<string> LinksOf(RouteSocket route) => route.Links().Select(link => link.Name).Except(Fallbacks);

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        hosts.ForEach(host => host.Dispose());
        spaces.ForEach(space => space.Dispose());
        foreach (var path in Directory.EnumerateFiles(folder))
            NetworkNamespace.Unpin(path);
        Directory.Delete(folder, recursive: true);
    }
}
