using System.Net;
using System.Net.Sockets;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>Host ports that are taken.</summary>
public sealed class PortMapConflictTests : PortMapTest
{
    [Theory]
    [InlineData("", "")]
    [InlineData("", "10.1.0.1")]
    [InlineData("10.1.0.1", "")]
    [InlineData("10.1.0.1", "10.1.0.1")]
    [InlineData("fd00:1::1", "::")]
    [InlineData("::", "fd00:1::1")]
    [InlineData("0.0.0.0", "")]
    [InlineData("", "", "sctp")]
    public async Task Add_OfAPortThatAnotherHas_IsRefusedInDockersWords(string first, string second, string protocol = "tcp")
    {
        await AddAsync(Attachment with { Keys = Ports(Mapping(first, protocol)) });
        var before = Rules();

        var fault = await Assert.ThrowsAsync<CniPluginException>(() =>
            AddAsync(Attachment with
            {
                Number = 3,
                Keys = Ports("""{ "hostPort": 8081, "containerPort": 81 }, """ + Mapping(second, protocol))
            }));
        Assert.Equal($"Bind for {Shown(second)}:8080 failed: port is already allocated", fault.Message);
        Assert.Equal(before, Rules());
    }

    [Theory]
    [InlineData("10.1.0.1", "10.2.0.1")]
    [InlineData("0.0.0.0", "::")]
    [InlineData("10.1.0.1", "fd00:1::1")]
    public async Task Add_OfAPortThatAnotherHasElsewhere_Succeeds(string first, string second)
    {
        await AddAsync(Attachment with { Keys = Ports(Mapping(first)) });
        await AddAsync(Attachment with { Number = 3, Keys = Ports(Mapping(second)) });
    }

    [Fact]
    public async Task Add_OfAPortOfTheOtherProtocol_Succeeds()
    {
        await AddAsync(Attachment with { Keys = Ports(Mapping("", "tcp")) });
        await AddAsync(Attachment with { Number = 3, Keys = Ports(Mapping("", "udp")) });
        await AddAsync(Attachment with { Number = 4, Keys = Ports(Mapping("", "sctp")) });
    }

    // Whoever calls a plugin may hold the port for the container: Podman's conmon, nerdctl, the network driver.
    [Theory]
    [InlineData("tcp", "0.0.0.0", "")]
    [InlineData("tcp", "::1", "")]
    [InlineData("tcp", "10.1.0.1", "10.1.0.1")]
    [InlineData("udp", "0.0.0.0", "")]
    [InlineData("bound", "0.0.0.0", "")]
    public async Task A8_PortThatAProcessHolds_IsMapped_AndItsPacketsReachTheContainer(string protocol, string held, string asked)
    {
        _ = Outside;
        var container = Container(1, 2);
        using var process = OtherProcess.Start(PathOf("host"), nameof(OtherProcess.Hold), PathOf("ready"), $"{protocol} {held} 8080");
        await AddAsync(Attachment with { Keys = Ports(Mapping(asked, protocol == "udp" ? "udp" : "tcp")) });

        using var server = protocol == "udp" ? Udp(container, "0.0.0.0", 80) : Listener(container, "0.0.0.0", 80);
        Assert.Equal(Outsider[0], protocol == "udp"
            ? await SeenByAsync(server, Outside, "10.1.0.1", 8080)
            : await ConnectedAsync(server, Outside, "10.1.0.1", 8080));
    }

    [Fact]
    public async Task A8_SameMappingOfAContainersTwoAttachments_IsTheFirsts_AndTheOthersWhenThatGoes()
    {
        _ = Outside;
        const string Both =
            """{ "hostPort": 8080, "containerPort": 80 }, { "hostPort": 8081, "containerPort": 80, "hostIP": "192.0.2.1" }""";
        using var first = Listener(Container(1, 2), "0.0.0.0", 80);
        using var other = Listener(Container(2, 2), "0.0.0.0", 80);
        var one = Attachment with { Keys = Ports(Both) };
        var two = one with { IfName = "eth1", Bridge = 2, ContainerId = Attachment.Tag.ContainerId };
        await AddAsync(one);
        await AddAsync(two);
        await InHostAsync(one.CheckAsync);
        await InHostAsync(two.CheckAsync);

        await ConnectedAsync(first, Outside, HostOutside[0], 8080);
        await ConnectedAsync(first, Outside, HostOutside[0], 8081);
        await InHostAsync(one.DeleteAsync);
        await ConnectedAsync(other, Outside, HostOutside[0], 8080);
        await ConnectedAsync(other, Outside, HostOutside[0], 8081);
        await InHostAsync(two.CheckAsync);
        await InHostAsync(two.DeleteAsync);
        Assert.Empty(Rules());
    }

    [Fact]
    public async Task A8_SecondAttachmentThatGoesFirst_LeavesThePortsToTheFirst()
    {
        _ = Outside;
        using var first = Listener(Container(1, 2), "0.0.0.0", 80);
        var two = Attachment with { IfName = "eth1", Bridge = 2, ContainerId = Attachment.Tag.ContainerId };
        await AddAsync(Attachment);
        await AddAsync(two);
        await InHostAsync(two.DeleteAsync);
        Assert.DoesNotContain(two.Tag.Identity, Rules(), StringComparison.Ordinal);
        await ConnectedAsync(first, Outside, HostOutside[0], 8080);

        await AddAsync(two);
        await InHostAsync(host => Attachment.CollectAsync(host, Attachment.Tag));
        Assert.DoesNotContain(two.Tag.Identity, Rules(), StringComparison.Ordinal);
    }

    // As podman network reload does it: DEL, and ADD once more, while the other attachment stands.
    [Fact]
    public async Task A8_FirstAttachmentThatComesAgain_WaitsInItsTurn()
    {
        _ = Outside;
        using var other = Listener(Container(2, 2), "0.0.0.0", 80);
        var two = Attachment with { IfName = "eth1", Bridge = 2, ContainerId = Attachment.Tag.ContainerId };
        await AddAsync(Attachment);
        await AddAsync(two);
        await InHostAsync(Attachment.DeleteAsync);
        await AddAsync(Attachment);
        await ConnectedAsync(other, Outside, HostOutside[0], 8080);
        await InHostAsync(two.DeleteAsync);
        await InHostAsync(Attachment.CheckAsync);
        await InHostAsync(Attachment.DeleteAsync);
        Assert.Empty(Rules());
    }

    [Fact]
    public async Task A8_RangeOfAContainersTwoAttachments_OfWhichSomeAreShared_GoesOver()
    {
        _ = Outside;
        using var other = Listener(Container(2, 2), "0.0.0.0", 80);
        var one = Attachment with
        {
            Keys = Ports(
            string.Join(',', Enumerable.Range(9000, 300).Select(port => $$"""{ "hostPort": {{port}}, "containerPort": 80 }""")))
        };
        var two = one with
        {
            IfName = "eth1",
            Bridge = 2,
            ContainerId = Attachment.Tag.ContainerId,
            Keys = Ports("""{ "hostPort": 8999, "containerPort": 80 }, { "hostPort": 9299, "containerPort": 80 }""")
        };
        await AddAsync(one);
        await AddAsync(two);
        await ConnectedAsync(other, Outside, HostOutside[0], 8999);
        await InHostAsync(one.DeleteAsync);
        await ConnectedAsync(other, Outside, HostOutside[0], 9299);
        await InHostAsync(two.DeleteAsync);
        Assert.Empty(Rules());
    }

    private static string Mapping(string host, string protocol = "tcp") =>
        $$"""{ "hostPort": 8080, "containerPort": 80, "hostIP": "{{host}}", "protocol": "{{protocol}}" }""";

    private static string Shown(string host) =>
        host.Length == 0 ? "0.0.0.0" : host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
}
