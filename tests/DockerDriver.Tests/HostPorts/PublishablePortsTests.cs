using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.HostPorts;
using DockerDriver.Protocol;

namespace DockerDriver.Tests.HostPorts;

/// <summary>The ports that a network publishes where another one is the container's gateway for a family.</summary>
public sealed class PublishablePortsTests
{
    private static readonly PortBinding[] Wanted = [new(Port: 80), new(Port: 81, HostIp: "0.0.0.0"), new(Port: 82, HostIp: "::")];

    [Theory]
    [InlineData("10.1.0.2/24 fd00::2/64", "", "80 0.0.0.0:81 :::82")]
    [InlineData("10.1.0.2/24 fd00::2/64", "4", ":::80 :::82")]
    [InlineData("10.1.0.2/24 fd00::2/64", "6", "0.0.0.0:80 0.0.0.0:81")]
    [InlineData("10.1.0.2/24 fd00::2/64", "46", "")]
    [InlineData("10.1.0.2/24", "", "80 0.0.0.0:81 :::82")]
    [InlineData("10.1.0.2/24", "6", "0.0.0.0:80 0.0.0.0:81")]
    [InlineData("10.1.0.2/24", "4", "")]
    [InlineData("fd00::2/64", "4", ":::80 :::82")]
    [InlineData("fd00::2/64", "6", "")]
    public void D_EachFamily_IsItsGateways(string addresses, string others, string carried)
    {
        var result =
            new CniResult { Ips = [.. addresses.Split(' ').Select(address => new CniAddress { Address = CidrAddress.Parse(address) })] };
        var families = others.Select(family => family == '4' ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6).ToHashSet();
        Assert.Equal(carried, string.Join(' ', PublishablePorts.Of(result, Wanted, mayProxy: true, families)
            .Select(port => port.HostIp is "" ? $"{port.Port}" : $"{port.HostIp}:{port.Port}")));
    }
}
