using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>How host-local's addresses come back: DEL, GC, crashes, reboots; and what CHECK and STATUS say meanwhile.</summary>
public sealed class HostLocalReleaseTests() : HostLocalTest
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task CheckAndDelete_TakeWhatTheOtherHasMade(bool madeBy, bool unmadeBy)
    {
        var request = Request(Data(""" "ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"fd00::/64"}]] """));
        var result = await RunAsync(madeBy, CniCommand.Add, request);
        await RunAsync(madeBy, CniCommand.Add, request, "c2");
        Assert.Equal(4, Reserved().Count);

        await RunAsync(unmadeBy, CniCommand.Check, With(request, "prevResult", result));
        await RunAsync(unmadeBy, CniCommand.Del, request);
        await RunAsync(unmadeBy, CniCommand.Del, request);
        Assert.Equal(["10.1.0.3", "fd00::3"], Reserved());
        await FaultAsync(unmadeBy, CniCommand.Check, With(request, "prevResult", result));
    }

    [Fact]
    public async Task Delete_WithoutTheCapabilityThatGaveTheRanges_Releases()
    {
        await RunAsync(true, CniCommand.Add, Request(Data(""), """ "runtimeConfig":{"ipRanges":[[{"subnet":"10.3.0.0/24"}]]} """));

        await RunAsync(true, CniCommand.Del, Request(Data("")));
        Assert.Empty(Reserved());
        Assert.False(File.Exists(IndexOf("c1")));
    }

    [Fact]
    public async Task Delete_AfterAnAddThatWasKilledBetweenMakingAndFillingItsFile_Releases()
    {
        var address = AddressOf(await RunAsync(true, CniCommand.Add, Small)).Split('/')[0];
        File.WriteAllText(PathOf(address), "");

        await RunAsync(true, CniCommand.Del, Small);
        Assert.Empty(Reserved());
    }

    [Fact]
    public async Task Delete_OfWhatAnOldReferenceWrote_Releases()
    {
        await RunAsync(true, CniCommand.Add, Small, "c2");
        File.WriteAllText(PathOf("10.1.0.5"), "c1");

        await RunAsync(true, CniCommand.Check, Small);
        await RunAsync(true, CniCommand.Del, Small);
        Assert.Equal(["10.1.0.2"], Reserved());
    }

    [Fact]
    public async Task Delete_AfterTheReferenceReleasedAndGaveAnew_TouchesTheOwnersAlone()
    {
        await RunAsync(true, CniCommand.Add, Small, args: "IP=10.1.0.5");
        await RunAsync(false, CniCommand.Del, Small);
        await RunAsync(false, CniCommand.Add, Small, "c2", "IP=10.1.0.5");
        await RunAsync(false, CniCommand.Add, Small, args: "IP=10.1.0.6");

        await RunAsync(true, CniCommand.Del, Small);
        Assert.Equal(["10.1.0.5"], Reserved());
    }

    [Fact]
    public async Task Check_OfAnAddressThatIsAnothers_Fails()
    {
        await RunAsync(true, CniCommand.Add, Small);
        var other = await RunAsync(true, CniCommand.Add, Small, "c2");

        Assert.Contains("10.1.0.3", (await FaultAsync(true, CniCommand.Check, With(Small, "prevResult", other))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAndStatus_NothingIsFree_AreRefused()
    {
        await FillAsync();

        var fault = await FaultAsync(true, CniCommand.Add, Small);
        Assert.Equal((await FaultAsync(false, CniCommand.Add, Small)).Reason, fault.Reason);
        Assert.Equal(CniErrorCode.NotAvailable, (await FaultAsync(true, CniCommand.Status, Small)).Code);
        await RunAsync(true, CniCommand.Del, Small, "f4");
        await RunAsync(true, CniCommand.Status, Small);
        Assert.Equal("10.1.0.4/29", AddressOf(await RunAsync(true, CniCommand.Add, Small)));
    }

    [Fact]
    public async Task Status_WhereRangesComeWithTheCapability_Succeeds() =>
        await RunAsync(true, CniCommand.Status, Request(Data(""), version: "1.1.0"));

    [Theory]
    [InlineData("")]
    [InlineData("IP=10.1.0.3")]
    public async Task Add_NothingIsFreeButACrashsEmptyFile_TakesIt(string args)
    {
        await FillAsync();
        File.WriteAllText(PathOf("10.1.0.3"), "");

        Assert.Equal("10.1.0.3/29", AddressOf(await RunAsync(true, CniCommand.Add, Small, args: args)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("IP=10.1.0.5")]
    public async Task Add_NothingIsFreeButWhatAnEarlierBootLeft_TakesIt(string args)
    {
        await FillAsync();
        Reboot("f5");

        Assert.Equal("10.1.0.5/29", AddressOf(await RunAsync(true, CniCommand.Add, Small, args: args)));
        Assert.False(File.Exists(IndexOf("f5")));
    }

    [Fact]
    public async Task Add_OfATakenAddress_LeavesNothingOnceItsHolderIsGone()
    {
        await RunAsync(true, CniCommand.Add, Small, args: "IP=10.1.0.5");
        await FaultAsync(true, CniCommand.Add, Small, "c2", "IP=10.1.0.5");
        Assert.Equal([IndexOf("c1"), MarkOfTheBoot], IndexFiles());

        await RunAsync(true, CniCommand.Del, Small, "c2");
        await RunAsync(true, CniCommand.Del, Small);
        Assert.Empty(Reserved());
        Assert.Empty(IndexFiles());
    }

    [Fact]
    public async Task Add_OfAnAddressThatTheReferenceGave_LeavesNothing()
    {
        await RunAsync(false, CniCommand.Add, Small, args: "IP=10.1.0.5");

        await FaultAsync(true, CniCommand.Add, Small, "c2", "IP=10.1.0.5");
        Assert.Empty(IndexFiles());
    }

    // The process died between the last entry and the mark.
    [Theory]
    [InlineData(CniCommand.Del)]
    [InlineData(CniCommand.Gc)]
    public async Task DeleteAndGc_AfterOneThatWasCutShort_TakeTheMark(CniCommand again)
    {
        await RunAsync(true, CniCommand.Add, Small, args: "IP=10.1.0.5");
        await FaultAsync(true, CniCommand.Add, Small, "c2", "IP=10.1.0.5");
        File.Delete(IndexOf("c1"));

        await RunAsync(true, again, With(With(Small, "cniVersion", "\"1.1.0\""), "cni.dev/valid-attachments", "[]"), again == CniCommand.Gc
            ? ""
            : "c1");
        Assert.Empty(Reserved());
        Assert.Empty(IndexFiles());
    }

    [Fact]
    public async Task Add_OfAnOwnerOfAnEarlierBoot_IsNoDuplicate()
    {
        await RunAsync(true, CniCommand.Add, Small);
        Reboot("c1");

        Assert.Equal("10.1.0.3/29", AddressOf(await RunAsync(true, CniCommand.Add, Small)));
        Assert.Equal(["10.1.0.3"], Reserved());
    }

    [Fact]
    public async Task Add_WhatAnEarlierBootLeftIsAnothersNow_LeavesIt()
    {
        await FillAsync();
        Reboot("f5");
        await RunAsync(false, CniCommand.Del, Small, "f5");
        await RunAsync(false, CniCommand.Add, Small, "new", "IP=10.1.0.5");

        await FaultAsync(true, CniCommand.Add, Small);
        Assert.Equal("new\r\neth0", File.ReadAllText(PathOf("10.1.0.5")));
    }

    [Theory]
    [InlineData("10.1.0.2")]
    [InlineData("10.2.0.2")]
    public async Task Add_ThatFailsHalfWay_LeavesNothing(string inTheWay)
    {
        Directory.CreateDirectory(PathOf(inTheWay)); // no reservation, but no file can be made
        var request = Request(Data(""" "ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"10.2.0.0/24"}]] """));

        await FaultAsync(true, CniCommand.Add, request);
        Assert.Empty(Reserved());
        Assert.False(File.Exists(IndexOf("c1")));
    }

    [Fact]
    public async Task Add_SecondSetHasNothingFree_LeavesNothing()
    {
        var request = Request(Data(""" "ranges":[[{"subnet":"10.2.0.0/24"}],[{"subnet":"10.1.0.0/30"}]] """));
        await RunAsync(true, CniCommand.Add, request, "c2");

        Assert.Contains("range 1: no IP addresses available", (await FaultAsync(true, CniCommand.Add, request)).Message,
            StringComparison.Ordinal);
        Assert.Equal(["10.1.0.2", "10.2.0.2"], Reserved());
    }

    [Fact]
    public async Task Gc_KeepsWhatIsValidWhoeverMadeIt()
    {
        foreach (var (id, builtin) in new[] { ("a", true), ("b", false), ("c", true), ("d", false) })
            await RunAsync(builtin, CniCommand.Add, Small, id);
        File.WriteAllText(PathOf("10.1.0.6"), "");
        Reboot("c");

        await RunAsync(true, CniCommand.Gc, With(With(Small, "cniVersion", "\"1.1.0\""), "cni.dev/valid-attachments",
            """[{"containerID":"b","ifname":"eth0"},{"containerID":"c","ifname":"eth0"},{"containerID":"d","ifname":"eth1"}]"""), "");
        Assert.Equal(["10.1.0.3", "10.1.0.4"], Reserved());
        Assert.Equal((false, true), (File.Exists(IndexOf("a")), File.Exists(IndexOf("c"))));
    }

    private async Task FillAsync()
    {
        for (var last = 2; last <= 6; last++)
            await RunAsync(true, CniCommand.Add, Small, $"f{last}");
    }
}
