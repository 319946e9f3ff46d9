using System.Net;
using System.Text;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

public sealed class LoopbackTests : SideBySideTest
{
    private static readonly PluginCase Loopback = new("loopback", "{}");

    [Theory]
    [InlineData("0.2.0", "ip4")]
    [InlineData("0.4.0", "version")]
    public void Add_InAnOlderVersion_AnswersInItsShape(string version, string key)
    {
        var result = World("ours").Run(CniCommand.Add, Loopback with { Config = $$"""{"cniVersion":"{{version}}"}""" }, builtin: true);
        Assert.Contains($"\"{key}\":", result, StringComparison.Ordinal);
        Assert.Equal(IPAddress.Loopback, ResultJson.Parse(Encoding.UTF8.GetBytes(result), version).Ips[0].Address.Address);
    }

    [Fact]
    public void AllVerbs_AreAsTheReference() => AssertSame(Loopback, _ => { });

    [Fact]
    public void Add_AfterAnotherPlugin_PassesItsResultOn() => AssertSame(
        Loopback, _ =>
            { }, world =>
                $$"""{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"{{world.NetNs}}"}],"ips":["""
                    + $$"""{"interface":0,"address":"10.0.0.5/24"}]}""");

    [Fact]
    public void Check_OfALoopbackThatIsDown_Fails() =>
        Assert.Contains("down", Assert.Throws<CniPluginException>(() =>
            World("ours").Run(CniCommand.Check, Loopback, builtin: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void Add_WithAnotherAddressOnIt_FailsAndLeavesItDown()
    {
        var world = World("ours");
        using var inside = world.Inside();
        inside.AddAddress(1, IPAddress.Parse("10.0.0.1"), 24);
        Assert.Contains("10.0.0.1", Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, Loopback, builtin: true)).Message,
            StringComparison.Ordinal);
        Assert.False(inside.FindLink("lo")!.IsUp);
    }

    [Fact]
    public void Add_InTheHostsOwnNamespace_IsRefused()
    {
        var world = World("ours");
        Assert.Equal(CniErrorCode.InvalidNetNs,
            Assert.Throws<CniPluginException>(() => world.Run(CniCommand.Add, Loopback, builtin: true, netns: world.HostPath)).Code);
    }

    [Fact]
    public void Delete_WithoutANamespace_IsDone()
    {
        var world = World("ours");
        File.WriteAllText(Path.Combine(world.Folder, "file"), "");
        world.Run(CniCommand.Del, Loopback, builtin: true, netns: "");
        world.Run(CniCommand.Del, Loopback, builtin: true, netns: Path.Combine(world.Folder, "gone"));
        world.Run(CniCommand.Del, Loopback, builtin: true, netns: Path.Combine(world.Folder, "file"));
        world.Run(CniCommand.Del, Loopback, builtin: true, netns: world.HostPath);
        using var host = world.OnHost();
        Assert.True(host.FindLink("lo")!.IsUp);
    }
}
