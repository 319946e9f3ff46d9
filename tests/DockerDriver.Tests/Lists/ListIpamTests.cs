using System.Text;
using CniCore.Spec;
using DockerDriver.Lists;

namespace DockerDriver.Tests.Lists;

public sealed class ListIpamTests
{
    [Theory]
    [InlineData("""{"type":5}""", null, "")]
    [InlineData("""{"type":"host-local","subnet":5}""", "host-local", "")]
    [InlineData("""{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24","gateway":5}],["10.78.0.0/24"]]}""", "host-local",
        "10.77.0.0/24 10.77.0.1")]
    [InlineData("""{"type":"host-local","subnet":"10.77.0.0/24","gateway":"10.77.0.9"}""", "host-local", "10.77.0.0/24 10.77.0.9")]
    public void Of_InvalidText_IsIgnored(string ipam, string? type, string subnets)
    {
        var list = NetworkList.Parse(
            Encoding.UTF8.GetBytes($$"""{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","ipam":{{ipam}} }]}"""));
        var read = ListIpam.Of(list);
        Assert.Equal((type, subnets), (read.Type, string.Join(", ", read.Subnets.Select(subnet => $"{subnet.Network} {subnet.Gateway}"))));
    }
}
