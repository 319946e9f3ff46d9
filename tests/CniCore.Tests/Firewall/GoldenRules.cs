using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using CniCore.Firewall;
using CniCore.Spec;

namespace CniCore.Tests.Firewall;

/// <summary>Policies by name, as they are asked for, and the rules that are made of them.</summary>
internal static class GoldenRules
{
    public static readonly string Folder = Path.Combine(Path.GetDirectoryName(Here())!, "Golden");

    private static readonly IPAddress Container4 = IPAddress.Parse("10.5.0.2");
    private static readonly IPAddress Container6 = IPAddress.Parse("fd05::2");
    private static readonly FirewallPolicy Network = new()
    {
        Traffic = [TrafficSelector.Of("cni-web")],
        Ingress = Ingress.SameInterface,
        Translations = [Masquerade("10.5.0.0/24"), Masquerade("fd05::/64")],
    };

    private static readonly FirewallPolicy Attachment = new()
    {
        Traffic = [TrafficSelector.Of("cni0")],
        AdminChain = "CNI-ADMIN",
        Translations = [Masquerade("10.5.0.2/32", "10.5.0.0/24"), Masquerade("fd05::2/128", "fd05::/64")],
        Published =
        [
            new(new(Container4, 24), [Port(null, "tcp", 8080, 80), Port("192.0.2.1", "udp", 53, 53)]) { Callers = CallerTranslation.Near },
            new(new(Container6, 64), [Port(null, "tcp", 8080, 80)]) { Callers = CallerTranslation.Near },
        ],
    };

    private static readonly Dictionary<string, FirewallPolicy[]> Networks = new(StringComparer.Ordinal)
    {
        ["network"] = [Network],
        ["network-internal"] = [Network with { IsInternal = true, Translations = [] }],
        ["network-without-icc"] = [Network with { Ingress = Ingress.None }],
        ["network-routed"] =
        [
            Network with
            {
                ReachV4 = Reach.OpenPorts,
                ReachV6 = Reach.OpenPorts,
                Translations = [],
                OpenPorts = [new(Container4, "tcp", 80), new(Container6, "udp", 53)],
            },
        ],
        ["network-unprotected"] = [Network with { ReachV4 = Reach.Everything, ReachV6 = Reach.Everything }],
        ["network-trusted"] = [Network with { Trusted = ["wan0"], OpenPorts = [new(Container4, "tcp", 80)] }],
        ["network-with-address"] =
        [
            Network with
            {
                Translations =
                [
                    Masquerade("10.5.0.0/24") with { To = IPAddress.Parse("203.0.113.9"), NotOver = "cni-web" },
                    Masquerade("fd05::/64") with { To = IPAddress.Parse("2001:db8::9") },
                ],
            },
        ],
        ["networks"] =
        [
            Network,
            Network with { Traffic = [TrafficSelector.Of("cni-db")], IsInternal = true, Ingress = Ingress.None, Translations = [] },
        ],
    };

    private static readonly Dictionary<string, FirewallPolicy> Attachments = new(StringComparer.Ordinal)
    {
        ["attachment"] = Attachment,
        ["attachment-same-bridge"] = Attachment with { Translations = [], Published = [], Ingress = Ingress.SameInterface },
        ["attachment-isolated"] = Attachment with { Translations = [], Published = [], Ingress = Ingress.None },
        ["attachment-over-uplink"] = Attachment with
        {
            Traffic = [TrafficSelector.Of("cni0"), TrafficSelector.Of(Container4)],
            Uplinks = [TrafficSelector.Of("cni0")],
            Translations = [],
            Published = [],
        },
        ["attachment-of-one-family"] = Attachment with
        {
            Families = new HashSet<AddressFamily> { AddressFamily.InterNetwork },
            Translations = [],
            Published = [],
        },
        ["attachment-admitted"] = new() { Traffic = [TrafficSelector.Of("cni0")] },
        ["attachment-snat-none"] = new()
        {
            Published = [new(new(Container4, 24), [Port(null, "sctp", 5000, 5000)]) { Callers = CallerTranslation.None }],
        },
        ["attachment-masq-all"] = new()
        {
            Published = [new(new(Container4, 24), [Port("192.0.2.1", "tcp", 443, 443)]) { Callers = CallerTranslation.All }],
        },
        ["attachment-node"] = new() { Nodes = ["veth0123456789a"] },
        ["attachment-macspoofchk"] = new() { Senders = [("veth0123456789a", "aa:bb:cc:dd:ee:ff")] },
    };

    public static IEnumerable<string> Names => [.. Networks.Keys, .. Attachments.Keys];

    /// <summary>The rules, with their policies before them.</summary>
    public static string TextOf(string name) =>
        string.Concat(PoliciesOf(name).Select(policy => $"{PolicyText.Of(policy)}\n")) + Of(name).Text;

    /// <summary>The rules.</summary>
    public static WantedRules Of(string name) => Networks.TryGetValue(name, out var networks)
        ? WantedRules.Of(networks, ["br-lan"])
        : WantedRules.Of(new AttachmentTag("pods", "container1", "eth0"), Attachments[name]);

    private static FirewallPolicy[] PoliciesOf(string name) =>
        Networks.TryGetValue(name, out var networks) ? networks : [Attachments[name]];

    private static SourceTranslation Masquerade(string from, string? subnet = null) =>
        new(IPNetwork.Parse(from), IPNetwork.Parse(subnet ?? from));

    private static PublishedPort Port(string? host, string protocol, int hostPort, int containerPort) =>
        new(host is null ? null : AddressText.Parse(host), protocol, hostPort, containerPort) { Text = $"{host}:{hostPort}" };

    private static string Here([CallerFilePath] string path = "") => path;
}
