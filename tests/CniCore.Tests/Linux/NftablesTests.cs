using CniCore.Linux.Nftables;

namespace CniCore.Tests.Linux;

public sealed class NftablesTests : LinuxTest
{
    [Fact]
    public void Run_IsAllOrNothing_AndSaysWhyInNftsWords()
    {
        using var rules = Nftables.OpenIn(Space("one"));

        var fault = Assert.Throws<NftablesException>(() => rules.Run("add table inet one\nadd rule inet nowhere input accept\n"));
        Assert.Contains("No such file or directory", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("inet one", rules.Query("list tables"), StringComparison.Ordinal);

        rules.Run("add table inet one\n");
        Assert.Contains("table inet one", rules.Query("list tables"), StringComparison.Ordinal);
    }

    [Fact]
    public void TwoNamespaces_AreKeptApart()
    {
        using var one = Nftables.OpenIn(Space("one"));
        using var two = Nftables.OpenIn(Space("two"));
        one.Run("add table inet here\n");

        Assert.DoesNotContain("here", two.Query("list tables"), StringComparison.Ordinal);
    }
}
