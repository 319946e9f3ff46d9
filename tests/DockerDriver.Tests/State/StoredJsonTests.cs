using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Tests.State;

/// <summary>
/// The exact JSON of every stored record, in <c>Golden/</c>: state files must be readable by later versions, and by an earlier one after a
/// downgrade. To write a golden file again, delete it and run the test.
/// </summary>
public sealed class StoredJsonTests
{
    private static readonly string Golden = Path.Combine(CnidFile.Repository, "tests/DockerDriver.Tests/State/Golden");
    private static readonly JsonElement Json = JsonElement.Parse("""{"name":"pods"}""");
    private static readonly NetworkList List = NetworkList.Parse(
        """{"cniVersions":["0.4.0","1.0.0"],"name":"pods","disableCheck":true,"plugins":[{"type":"bridge","mtu":1400}]}"""u8.ToArray());

    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Dictionary<string, string> Map = new() { ["KEY"] = "VALUE" };

    [Fact]
    public void StoredNetwork_Written_IsTheGoldenJson() => IsGolden("network", StateJson.Default.StoredNetwork, new()
    {
        Id = "n1",
        List = List,
        Source = "/etc/cni/net.d/pods.conflist",
        Bridge = new("cni-n1", ["10.1.0.1/24"], Internal: true, Icc: true, Masquerades: true)
        {
            ModeIPv4 = GatewayMode.NatUnprotected,
            ModeIPv6 = GatewayMode.Routed,
            SourceIPv4 = "192.0.2.1",
            SourceIPv6 = "2001:db8::1",
            InhibitsIPv4 = true,
            TrustedInterfaces = ["eth1"],
        },
        HostBinding = "192.0.2.1",
        InterfacePrefix = "net",
        UsesListIpam = true,
        Pools = ["pods-4-0123456789ab"],
        AuxAddresses = ["10.1.0.9/24"],
        CreatedAt = Time,
        Engine = new("ENGINE", "NONE"),
        EngineMajor = 29,
        Phase = NetworkPhase.Creating,
        RebuiltAt = Time,
        Remark = "remark",
    });

    [Fact]
    public void StoredEndpoint_Written_IsTheGoldenJson() => IsGolden("endpoint", StateJson.Default.StoredEndpoint, new()
    {
        Id = "e1",
        AddFault = "add",
        Fault = "fault",
        FailedDels = 2,
        NextTry = Time,
        ChangedAt = Time,
        Boot = "boot",
        NetworkId = "n1",
        ListName = "pods",
        ContainerName = "web",
        Phase = EndpointPhase.Joined,
        Addresses = ["10.1.0.2/24"],
        RequestedIps = ["10.1.0.2"],
        Ipam = Json,
        Mac = "02:00:00:00:00:01",
        Link = new("vlan", 5, 4, 100),
        Args = Map,
        Capabilities = Map,
        Sysctls = Map,
        Ports = [new("tcp", "192.0.2.1", 8080, 80)],
        RequestedPorts = Json,
        OpenPorts = [new("10.1.0.2", "udp", 53)],
        InterfaceName = "net0",
        Remark = "remark",
        SandboxKey = "/run/docker/netns/0123456789ab",
        NetnsDelta = new(
            [new(2, "eth0", "02:00:00:00:00:01", IsUp: true) { Identity = new("veth", 0, 7) }],
            [new KernelObject(KernelObjectKind.Rule, [2, 0, 0, 0])], Map),
        IsReplayed = true,
        IsLeased = true,
        LeaseInterface = "eth0",
        Drift = "drift",
    });

    [Fact]
    public void StoredContainer_Written_IsTheGoldenJson() => IsGolden("container", StateJson.Default.StoredContainer, new()
    {
        Id = "c1",
        AddFault = "add",
        Fault = "fault",
        FailedDels = 2,
        NextTry = Time,
        ChangedAt = Time,
        Boot = "boot",
        Name = "web",
        Labels = Map,
        IsImageChecked = true,
        Folder = "/var/lib/docker/containers/c1",
        UserDns = ["nameserver"],
        Published = ["8080:80"],
        Remark = "remark",
        Phase = ContainerPhase.Attached,
        StartedAt = "2026-01-02T03:04:05Z",
        Interfaces = [new("pods", "eth0") { Link = new("veth", 5, 4) }],
        Ports = [new("tcp", "", 8080, 80)],
        WasAttached = true,
        FailedAdds = 3,
    });

    [Fact]
    public void StoredPool_Written_IsTheGoldenJson() => IsGolden("pool", StateJson.Default.StoredPool, new()
    {
        Id = "pods-4-0123456789ab",
        ListName = "pods",
        Source = "/etc/cni/net.d/pods.conflist",
        List = List,
        IpamList = List,
        Subnet = "10.1.0.0/24",
        Gateway = "10.1.0.1/24",
        OtherSubnet = "fd00::/64",
        RequestedAt = Time,
    });

    [Fact]
    public void StoredReservation_Written_IsTheGoldenJson() => IsGolden("reservation", StateJson.Default.StoredReservation, new()
    {
        Id = "ipam-1",
        AddFault = "add",
        Fault = "fault",
        FailedDels = 2,
        NextTry = Time,
        ChangedAt = Time,
        Boot = "boot",
        ListName = "pods",
        ContainerName = "web",
        Phase = ReservationPhase.Reserved,
        Addresses = ["10.1.0.2/24"],
        Claimed = ["10.1.0.2/24"],
    });

    [Fact]
    public void StoredStart_Written_IsTheGoldenJson() => IsGolden("start", StateJson.Default.StoredStart, new()
    {
        Id = "0123456789ab",
        Reason = "reason",
        FailedAt = Time,
        Boot = "boot",
        Container = "c1",
        Name = "web",
        WasStopped = true,
        IsForNextBoot = true,
        Fingerprint = "fingerprint",
        Tries = 4,
        NextTry = Time,
    });

    [Theory]
    [InlineData(typeof(EndpointPhase), "Announced Held Joined Left Leaving")]
    [InlineData(typeof(ContainerPhase), "Detached Attaching Attached Detaching Failed")]
    [InlineData(typeof(ReservationPhase), "Reserving Reserved Releasing")]
    [InlineData(typeof(NetworkPhase), "Created Creating Deleting")]
    [InlineData(typeof(GatewayMode), "Nat NatUnprotected Routed Isolated")]
    public void StoredEnum_Names_AreThoseOfTheFiles(Type type, string names) => Assert.Equal(names.Split(' '), Enum.GetNames(type));

    private static void IsGolden<T>(string name, JsonTypeInfo<T> type, T record) where T : notnull
    {
        var path = Path.Combine(Golden, name + ".json");
        var json = JsonSerializer.Serialize(record, type);
        HasAllMembers(record, json);
        if (!File.Exists(path))
            File.WriteAllText(path, json + "\n");
        Assert.Equal(File.ReadAllText(path), json + "\n");
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, type)!, type));
    }

    // A new member without a value above would be missing in the file.
    private static void HasAllMembers<T>(T record, string json) where T : notnull
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(typeof(T).GetProperties().Count(property => property.CanWrite), document.RootElement.EnumerateObject().Count());
    }
}
