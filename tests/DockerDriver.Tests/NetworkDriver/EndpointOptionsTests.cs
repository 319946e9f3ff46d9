using System.Text.Json;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.NetworkDriver;

namespace DockerDriver.Tests.NetworkDriver;

/// <summary>The options of <c>--network name=…,driver-opt=…</c>, which come in lower case.</summary>
public sealed class EndpointOptionsTests
{
    [Theory]
    [InlineData("ip=10.1.0.5;mac=02:00:00:00:00:01;ignoreunknown=1", "IP=10.1.0.5 MAC=02:00:00:00:00:01 IgnoreUnknown=1")]
    [InlineData("gateway=10.1.0.1;k8s_pod_name=a;k8s_pod_namespace=b;k8s_pod_infra_container_id=c;k8s_pod_uid=d",
        "GATEWAY=10.1.0.1 K8S_POD_NAME=a K8S_POD_NAMESPACE=b K8S_POD_INFRA_CONTAINER_ID=c K8S_POD_UID=d")]
    [InlineData("IP=10.1.0.5;Own=Word;other=x", "IP=10.1.0.5 Own=Word other=x")]
    public void A_Args_InLowerCase_GetTheirNamesBack(string given, string args) =>
        Assert.Equal(args, string.Join(' ', Of("cni.args", given).Args.Select(arg => $"{arg.Key}={arg.Value}")));

    [Theory]
    [InlineData("portmappings", "portMappings")]
    [InlineData("ipranges", "ipRanges")]
    [InlineData("infinibandguid", "infinibandGUID")]
    [InlineData("deviceid", "deviceID")]
    [InlineData("cgrouppath", "cgroupPath")]
    [InlineData("bandwidth", "bandwidth")]
    [InlineData("io.example.pod-annotations", "io.Example.pod-Annotations")]
    [InlineData("dns", "dns")]
    [InlineData("unknown", "unknown")]
    public void A_Capability_InLowerCase_GetsItsNameBack(string given, string name) =>
        Assert.Equal(name, Assert.Single(Of($"cni.capability.{given}", "{}").Capabilities).Key);

    [Fact]
    public void A_CapabilityWithAKeyTwice_IsRefused() =>
        Assert.Contains("has the key 'a' twice",
            Assert.Throws<RefusedException>(() => Of("cni.capability.mac", """{"a":1,"a":2}""")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("010.1.0.5/16")]
    [InlineData("0xa.1.0.5/16")]
    public void A_AddressWithLeadingZeros_IsRefused(string ip) =>
        Assert.Contains($"'{ip}'", Assert.Throws<RefusedException>(() => Of("cni.ips", ip)).Message, StringComparison.Ordinal);

    private static EndpointOptions Of(string key, string value) =>
        EndpointOptions.From(new Dictionary<string, JsonElement> { [key] = ListJson.Element(value) },
            ["io.Example.pod-Annotations", "DNS", "dns"]);
}
