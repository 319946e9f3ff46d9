using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Tests.Linux;

/// <summary>A test with network namespaces of its own, which go with it.</summary>
public abstract class LinuxTest : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;
    private readonly List<NetworkNamespace> spaces = [];

    protected LinuxTest() => Assert.SkipUnless(Environment.UserName == "root", "needs root: network namespaces");

    protected string Folder => folder;

    protected string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>A fresh namespace, pinned under that name.</summary>
    protected NetworkNamespace Space(string name)
    {
        var space = NetworkNamespace.CreatePinned(PathOf(name));
        spaces.Add(space);
        return space;
    }

    /// <summary>A routing socket in a fresh namespace.</summary>
    protected RouteSocket Route(string name) => RouteSocket.OpenIn(Space(name));

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        spaces.ForEach(space => space.Dispose());
        foreach (var path in Directory.EnumerateFiles(folder))
            NetworkNamespace.Unpin(path);
        Directory.Delete(folder, recursive: true);
    }
}
