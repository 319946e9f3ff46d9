using System.Runtime.CompilerServices;
using CniCore.Config;
using CniCore.Invoke;
using CniCore.Plugins;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Import;
using DockerDriver.Lists;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.Lists;

/// <summary>Lists of other systems (the folder Real), and their reviews. No plugin is run.</summary>
public sealed class RealListTests
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(Here())!, "Real");

    public static IEnumerable<TheoryDataRow<string>> Files =>
        Directory.EnumerateFiles(Folder).Select(path => new TheoryDataRow<string>(Path.GetFileName(path)));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_RealList_IsRead(string file) => Assert.NotNull(Read(file).Main);

    // For a plugin that replaces the addresses, only its existence is checked.
    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_RealList_IsFaultedForMissingPlugins_OrForWhatIsMissingInIt_Alone(string file)
    {
        var review = await Reviewer().OfAsync(Read(file), CancellationToken.None);
        var faults = review.Faults.Where(fault => !fault.Contains(" is not in ", StringComparison.Ordinal)).ToList();
        Assert.Equal(file == "10-kuberouter.conflist"
            ? ["the IPAM of bridge (host-local) cannot be used: no IP ranges specified"]
            : [], faults);
        Assert.DoesNotContain(review.Faults, fault => fault.Contains("IPAM plugin", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nomad.conflist", "bridge", "host-local", "172.26.64.0/20 172.26.64.1", null)]
    [InlineData("10-kindnet.conflist", "ptp", "host-local", "10.244.1.0/24 10.244.1.1", null)]
    [InlineData("1-minikube.conflist", "bridge", "host-local", "10.244.0.0/16 10.244.0.1", null)]
    [InlineData("11-crio.conflist", "bridge", "host-local", "10.85.0.0/16 10.85.0.1, 1100:200::/24 1100:200::1", null)]
    [InlineData("10-flannel-k3s.conflist", "flannel", null, "", "flannel")]
    [InlineData("10-antrea.conflist", "antrea", "host-local", "", "antrea")]
    [InlineData("10-aws.conflist", "aws-cni", null, "", "aws-cni")]
    [InlineData("00-multus.conf", "multus", null, "", "multus")]
    [InlineData("10-ovn.conf", "ovn-k8s-cni-overlay", null, "", "ovn-k8s-cni-overlay")]
    [InlineData("10-calico-microk8s.conflist", "calico", "calico-ipam", "", null)]
    public void A_ListsIpam_IsThatOfThePluginThatMakesTheInterface(string file, string main, string? type, string subnets, string? chooser)
    {
        var list = Read(file);
        var ipam = ListIpam.Of(list);
        Assert.Equal(main, list.Main!.Type.ToString());
        Assert.Equal((type, subnets, chooser),
            (ipam.Type, string.Join(", ", ipam.Subnets.Select(subnet => $"{subnet.Network} {subnet.Gateway}")),
                ipam.AddressingPlugin?.ToString()));
    }

    [Fact]
    public void A_CalicosUsePodCidr_SaysNothingOfAnySubnet()
    {
        var list =
            Parse(
                """{"cniVersion":"0.3.1","name":"k8s","plugins":[{"type":"calico","ipam":{"type":"host-local","ranges":[["""
                    + """{"subnet":"usePodCidr"}],[{"subnet":"fd00:77::/64"}]]}}]}""");
        Assert.Equal(("calico", 0), (ListIpam.Of(list).AddressingPlugin.ToString(), ListIpam.Of(list).Subnets.Count));
    }

    [Theory]
    [InlineData("nomad.conflist", "docker network create -d cni -o cni.network=nomad --ipam-driver cni --ipam-opt cni.network=nomad "
        + "--subnet 172.26.64.0/20 --gateway 172.26.64.1 nomad")]
    [InlineData("10-flannel-k3s.conflist", "docker network create -d cni -o cni.network=cbr0 --ipam-driver null cbr0")]
    [InlineData("10-antrea.conflist", "docker network create -d cni -o cni.network=antrea --ipam-driver null antrea")]
    [InlineData("10-aws.conflist", "docker network create -d cni -o cni.network=aws-cni --ipam-driver null aws-cni")]
    public void A_Import_TakesTheAddressesFromWhereTheyCome(string file, string line)
    {
        var list = Read(file);
        Assert.Equal(line, ImportPlan.For(list, list.Name.ToString(), "cni", null, None).CommandLine());
    }

    [Theory]
    [InlineData("bridge")]
    [InlineData("host")]
    [InlineData("none")]
    [InlineData("default")]
    [InlineData(" ")]
    public void A_Import_NeverPrintsACommandThatDockerRefuses_ForItsName(string name)
    {
        var fault = Assert.Throws<RefusedException>(() => ImportPlan.For(Read("nerdctl-bridge.conflist"), name, "cni", null, None));
        Assert.Contains("--as NAME", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(" nerdctl", ImportPlan.For(Read("nerdctl-bridge.conflist"), "nerdctl", "cni", null, None).CommandLine(),
            StringComparison.Ordinal);
    }

    // A gateway outside of the subnet, no IPv4 (before Docker 28), two subnets of one family.
    [Theory]
    [InlineData("""[[{"subnet":"10.77.0.0/24","gateway":"10.78.0.1"}]]""")]
    [InlineData("""[[{"subnet":"fd77::/64"}]]""")]
    [InlineData("""[[{"subnet":"10.77.0.0/24"}],[{"subnet":"10.78.0.0/24"}]]""")]
    public void A_Import_NeverPrintsACommandThatDockerRefuses_ForItsSubnets(string ranges)
    {
        var list =
            Parse(
                $$$"""{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","ipam":{"type":"host-local","ranges":"""
                    + $$$"""{{{ranges}}}}}]}""");
        Assert.Equal("docker network create -d cni -o cni.network=pods --ipam-driver null pods",
            ImportPlan.For(list, "pods", "cni", null, None).CommandLine());
        Assert.Contains("remove --addresses docker",
            Assert.Throws<RefusedException>(() => ImportPlan.For(list, "pods", "cni", AddressSource.Docker, None)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"loopback"}""", "none of its plugins (loopback) makes an interface: loopback sets up lo, which every "
        + "container has; add one that does, such as bridge")]
    [InlineData("""{"type":"loopback"},{"type":"tuning"}""", "none of its plugins (loopback, tuning) makes an interface: loopback")]
    [InlineData("""{"type":"portmap"}""", "none of its plugins (portmap) makes an interface; add one")]
    [InlineData("""{"type":"host-local"}""", "none of its plugins (host-local) makes an interface; add one")]
    public async Task A_ListWithoutAnInterface_IsSaidToHaveNone(string plugins, string words)
    {
        var list = Parse($$"""{"cniVersion":"1.0.0","name":"lo","plugins":[{{plugins}}]}""");
        Assert.Contains((await Reviewer().OfAsync(list, CancellationToken.None)).Faults, fault =>
            fault.StartsWith(words, StringComparison.Ordinal));
        Assert.StartsWith("the list 'lo' cannot be a Docker network: " + words,
            Assert.Throws<RefusedException>(() => InterfacelessList.Refuse(list)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("win-bridge")]
    [InlineData("win-overlay")]
    [InlineData("sdnoverlay")]
    [InlineData("sdnbridge")]
    public async Task A_PluginOfAnotherSystem_IsCalledThat(string type)
    {
        var fault =
            Assert.Single(
                (await Reviewer().OfAsync(Parse($$"""{"cniVersion":"1.0.0","name":"x","plugins":[{"type":"{{type}}"}]}"""),
                    CancellationToken.None)).Faults);
        Assert.Equal($"the plugin {type} is for Windows and does not run on Linux", fault);
    }

    private static ListReviewer Reviewer()
    {
        var settings = new Settings { PluginDirs = ["/nowhere"] };
        var executables = new ExecInvoker(settings.PluginDirs, TimeProvider.System, NullLogger<ExecInvoker>.Instance);
        return new(settings, new CniRuntime(
            settings.Runtime(), new BuiltinInvoker(BuiltinUse.ByList, executables, new(new())), TimeProvider.System,
            NullLogger<CniRuntime>.Instance));
    }

    private static NetworkList Read(string file) => NetworkListFolder.ReadFile(Path.Combine(Folder, file));

    private static NetworkList Parse(string json) => NetworkList.Parse(System.Text.Encoding.UTF8.GetBytes(json));

    private static string Here([CallerFilePath] string path = "") => path;
}
