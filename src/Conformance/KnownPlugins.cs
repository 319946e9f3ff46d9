namespace Conformance;

/// <summary>Default test configurations of the reference plugins.</summary>
internal static class KnownPlugins
{
    private const string Addresses = """ "ipam": { "type": "host-local", "subnet": "10.87.0.0/16", "routes": [{ "dst": "0.0.0.0/0" }] } """;

    private static readonly Dictionary<string, PluginUnderTest> All = new(StringComparer.Ordinal)
    {
        ["bridge"] = Of(PluginKind.Interface, $$"""{ "bridge": "conform0", "isGateway": true, "ipMasq": true, {{Addresses}} }"""),
        ["ptp"] = Of(PluginKind.Interface, $$"""{ "ipMasq": true, {{Addresses}} }"""),
        ["macvlan"] = Of(PluginKind.Interface, $$"""{ "master": "{{ScratchHost.Uplink}}", "mode": "bridge", {{Addresses}} }"""),
        ["ipvlan"] = Of(PluginKind.Interface, $$"""{ "master": "{{ScratchHost.Uplink}}", {{Addresses}} }"""),
        ["vlan"] = Of(PluginKind.Interface, $$"""{ "master": "{{ScratchHost.Uplink}}", "vlanId": $N, {{Addresses}} }"""),
        ["dummy"] = Of(PluginKind.Interface, $$"""{ {{Addresses}} }"""),
        ["tap"] = Of(PluginKind.Interface, $$"""{ {{Addresses}} }"""),
        ["host-device"] = Of(PluginKind.Interface, $$"""{ "device": "{{ScratchHost.Device}}$N", {{Addresses}} }"""),
        ["loopback"] = Of(PluginKind.Adjusting, "{}") with { IfName = "lo" },
        ["portmap"] = Of(PluginKind.Chained,
            """{ "capabilities": { "portMappings": true }, """
            + """ "runtimeConfig": { "portMappings": [{ "hostPort": 8$N, "containerPort": 80, "protocol": "tcp" }] } }"""),
        ["firewall"] = Of(PluginKind.Chained, "{}"),
        ["tuning"] = Of(PluginKind.Chained, """{ "mtu": 1400, "sysctl": { "net.ipv4.conf.eth0.arp_filter": "1" } }"""),
        ["bandwidth"] = Of(PluginKind.Chained,
            """{ "ingressRate": 1000000, "ingressBurst": 1000000, "egressRate": 1000000, "egressBurst": 1000000 }"""),
        ["sbr"] = Of(PluginKind.Chained, "{}"),
        ["vrf"] = Of(PluginKind.Chained, """{ "vrfname": "conform0" }"""),
        ["host-local"] = Of(PluginKind.Ipam,
            """{ "type": "bridge", "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.87.0.0/16" }], """
            + """ [{ "subnet": "fd87::/64" }]], "routes": [{ "dst": "0.0.0.0/0" }] } }"""),
        ["static"] =
            Of(PluginKind.Ipam,
                """{ "type": "bridge", "ipam": { "type": "static", "addresses": [{ "address": "10.87.0.5/16", "gateway": "10.87.0.1" },"""
                + """ { "address": "fd87::5/64" }], "routes": [{ "dst": "0.0.0.0/0" }] } }"""),
        ["dhcp"] = Of(PluginKind.Ipam, """{ "type": "bridge", "ipam": { "type": "dhcp" } }""") with
        {
            AddUnavailable = "ADD needs the plugin's daemon and a DHCP server"
        },
    };

    public static IEnumerable<string> Types => All.Keys;

    public static PluginUnderTest? Find(string type) => All.GetValueOrDefault(type) is { } known ? known with { Type = type } : null;

    private static PluginUnderTest Of(PluginKind kind, string config) => new() { Type = "", Folders = [], Kind = kind, Config = config };
}
