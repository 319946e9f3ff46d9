using System.Text;
using CniCore.Spec;
using DockerDriver.Lists;

namespace DockerDriver.Tests.Lists;

public sealed class LocalPluginsTests
{
    [Theory]
    [InlineData("""[{"type":"bridge","ipam":{"type":"host-local"}},{"type":"portmap"},{"type":"firewall"}]""", true)]
    [InlineData("""[{"type":"macvlan","ipam":{}}]""", true)]
    [InlineData("""[{"type":"bridge","ipam":{"type":"whereabouts"}}]""", false)]
    [InlineData("""[{"type":"bridge"},{"type":"cnid-admission"}]""", true)]
    [InlineData("""[{"type":"calico"}]""", false)]
    [InlineData("""[{"type":"bridge"},{"type":"remote"}]""", false)]
    public void AreAllOf_CountsThoseThatKeepTheirStateOnThisHost(string plugins, bool expected) => Assert.Equal(expected,
        LocalPlugins.AreAllOf(NetworkList.Parse(Encoding.UTF8.GetBytes($$"""{"name":"pods","plugins":{{plugins}}}"""))));
}
