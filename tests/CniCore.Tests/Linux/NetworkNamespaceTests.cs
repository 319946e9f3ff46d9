using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Tests.Linux;

public sealed class NetworkNamespaceTests : LinuxTest
{
    [Fact]
    public void CreatePinned_IsAnother_WithItsLoopbackAlone()
    {
        var space = Space("one");
        using var here = NetworkNamespace.Current();
        using var route = RouteSocket.OpenIn(space);

        Assert.NotEqual(here.Identity, space.Identity);
        Assert.Equal(["lo"], LinksOf(route));
    }

    [Fact]
    public void CreatePinned_WhereOneIs_IsRefused_AndTheFirstStays()
    {
        var first = Space("one");
        Assert.Throws<NamespaceException>(() => NetworkNamespace.CreatePinned(PathOf("one")));

        using var still = NetworkNamespace.Open(PathOf("one"));
        Assert.Equal(first.Identity, still.Identity);
    }

    [Fact]
    public void Open_OfAnOrdinaryFile_SaysSo()
    {
        File.WriteAllText(PathOf("file"), "");
        Assert.Contains("not a network namespace", Assert.Throws<NamespaceException>(() => NetworkNamespace.Open(PathOf("file"))).Message,
            StringComparison.Ordinal);
        Assert.False(NetworkNamespace.IsAt(PathOf("file")));
    }

    [Fact]
    public void PinAt_KeepsIt_UntilUnpinned()
    {
        var space = Space("one");
        space.PinAt(PathOf("two"));
        NetworkNamespace.Unpin(PathOf("one"));

        using (var other = NetworkNamespace.Open(PathOf("two")))
            Assert.Equal(space.Identity, other.Identity);
        NetworkNamespace.Unpin(PathOf("two"));
        NetworkNamespace.Unpin(PathOf("two"));
        Assert.False(File.Exists(PathOf("two")));
    }

    [Fact]
    public void Inside_LeavesTheCallerWhereItWas_AndBringsFaultsBack()
    {
        var space = Space("one");
        using var before = NetworkNamespace.Current();

        Assert.Equal(space.Identity, space.Inside(() =>
        {
            using var inside = NetworkNamespace.Current();
            return inside.Identity;
        }));
        Assert.Throws<InvalidDataException>(() => space.Inside(() => throw new InvalidDataException()));
        using var after = NetworkNamespace.Current();
        Assert.Equal(before.Identity, after.Identity);
    }
}
