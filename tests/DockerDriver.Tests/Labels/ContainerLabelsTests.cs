using CniCore.Spec;
using DockerDriver.Engine.Files;
using DockerDriver.Errors;
using DockerDriver.Labels;

namespace DockerDriver.Tests.Labels;

public sealed class ContainerLabelsTests
{
    [Fact]
    public void Parse_AllLabels_GivesEachNetworkItsOwn()
    {
        var requests = Labels("cni.networks=pods.blue, pods@eth5", "cni.pods.blue.ips=10.1.0.5/16,fd00::5",
            "cni.pods.mac=02:00:00:00:00:0A",
            "cni.pods.args=A=1;B=2", "cni.pods.capability.bandwidth={\"ingressRate\":1}", "cni.ports=8080:80, [::1]:53:53/udp").Parse();

        Assert.Equal(["pods.blue as eth0", "pods as eth5"], requests.Networks.Select(network => $"{network.Network} as {network.IfName}"));
        Assert.Equal(["10.1.0.5/16", "fd00::5"], requests.Networks[0].Ips);
        Assert.Equal("02:00:00:00:00:0a", requests.Networks[1].Mac);
        Assert.Equal(2, requests.Networks[1].Args.Count);
        Assert.Equal(1, requests.Networks[1].Capabilities["bandwidth"].GetProperty("ingressRate").GetInt32());
        Assert.Equal([new(6, 80, "", 8080, 8080), new(17, 53, "::1", 53, 53)], requests.Ports);
    }

    [Theory]
    [InlineData("80", 80, 0, 0)]
    [InlineData("8000-8002:80", 80, 8000, 8002)]
    [InlineData("127.0.0.1::80", 80, 0, 0)]
    public void Parse_Ports_AsDockerTakesThem(string text, int port, int first, int last)
    {
        var binding = Assert.Single(Labels("cni.networks=a", "cni.ports=" + text).Parse().Ports);
        Assert.Equal((port, first, last), (binding.Port, binding.HostPort, binding.HostPortEnd));
    }

    [Fact]
    public void Parse_PortRanges_PairUp() =>
        Assert.Equal([(80, 8000), (81, 8001)],
            Labels("cni.networks=a", "cni.ports=8000-8001:80-81").Parse().Ports.Select(port => (port.Port, port.HostPort)));

    [Theory]
    [InlineData("cni.networks=a,,b")]
    [InlineData("cni.networks=a@")]
    [InlineData("cni.networks=a@this-name-is-too-long")]
    [InlineData("cni.networks=a/b")]
    [InlineData("cni.on-failure=never")]
    [InlineData("cni.ports=80:0")]
    [InlineData("cni.ports=1-3:1-2")]
    [InlineData("cni.ports=80/icmp")]
    [InlineData("cni.a.mac=02:00")]
    [InlineData("cni.a.args=x")]
    [InlineData("cni.a.colour=red")]
    [InlineData("cni.b.mac=02:00:00:00:00:01")]
    public void Parse_WrongLabel_IsNamed(string label)
    {
        var fault = Assert.Throws<RefusedException>(() => Labels("cni.networks=a", label).Parse());
        Assert.StartsWith($"label {label.Split('=')[0]}: ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lo", "the container's loopback interface")]
    [InlineData("all", "a name that is reserved by the kernel")]
    [InlineData("default", "a name that is reserved by the kernel")]
    public void C_InterfaceNameThatCannotBeHad_IsRefused_WithOneThatCan(string name, string use)
    {
        var fault = Assert.Throws<RefusedException>(() => Labels($"cni.networks=storage,podnet@{name}").Parse());
        Assert.Equal($"label cni.networks: 'podnet@{name}': {name} is {use}; give the interface another name: podnet@eth1", fault.Message);
    }

    [Fact]
    public void ResolvConf_KeepsWhatTheNetworksDoNotGive_AndWhatTheUserChose()
    {
        const string Docker = "nameserver 192.0.2.1\nsearch host.example\noptions ndots:2\n";
        var dns = new CniDns { NameServers = ["10.0.0.53"], Domain = "pods.example" };
        Assert.Equal("options ndots:2\nsearch pods.example\nnameserver 10.0.0.53\n", ResolvConf.Merge(Docker, [dns], []));
        Assert.Equal("nameserver 192.0.2.1\noptions ndots:2\nsearch pods.example\n",
            ResolvConf.Merge(Docker, [dns], [ResolvConf.NameServer]));
        Assert.Equal(Docker, ResolvConf.Merge(Docker, [], []));
    }

    private static ContainerLabels Labels(params string[] labels) =>
        new(labels.Select(label => label.Split('=', 2)).GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.Last()[1]),
            defaultNetworks: "");
}
