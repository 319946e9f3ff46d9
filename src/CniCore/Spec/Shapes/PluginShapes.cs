using static CniCore.Spec.Shapes.Shape;

namespace CniCore.Spec.Shapes;

/// <summary>
/// The keys of the reference plugins (containernetworking/plugins, to 1.9) and the types of their values. The keys of other plugins are
/// unknown.
/// </summary>
internal static class PluginShapes
{
    private static readonly Shape Dns = Of(("nameservers search options", ListOf(Text)), ("domain", Text));
    private static readonly Shape Routes = ListOf(Of(("dst", Cidr), ("gw", Address), ("mtu advmss priority table scope", Number)));
    private static readonly Shape Range = Of(("subnet", Cidr), ("rangeStart rangeEnd gateway", Address));

    /// <summary>The keys that the runtime reads of every plugin (libcni pkg/types, PluginConf).</summary>
    public static Shape Common { get; } = Of(("type name", Text), ("capabilities", MapOf(Flag)));

    /// <summary>The section <c>ipam</c> of IPAM plugins.</summary>
    public static IReadOnlyDictionary<string, Shape> Ipam { get; } = new Dictionary<string, Shape>(StringComparer.Ordinal)
    {
        ["host-local"] = Range.And(("ranges", ListOf(ListOf(Range))), ("routes", Routes), ("dataDir resolvConf", Text)),
        ["static"] = Of(("addresses", ListOf(Of(("address", Cidr), ("gateway", Address)))), ("routes", Routes), ("dns", Dns)),
        ["dhcp"] = Of(
            ("daemonSocketPath", Text),
            ("provide", ListOf(Of(("option value fromArg", Text)))),
            ("request", ListOf(Of(("option", Text), ("skipDefault", Flag)))),
            ("priority", Number)),
    };

    /// <summary>Plugins that create the interface, and pass the section <c>ipam</c> on as it is written.</summary>
    public static IReadOnlyDictionary<string, Shape> Main { get; } = new Dictionary<string, Shape>(StringComparer.Ordinal)
    {
        ["bridge"] = Interface(
            ("bridge ipMasqBackend", Text),
            ("isGateway isDefaultGateway forceAddress ipMasq hairpinMode promiscMode preserveDefaultVlan macspoofchk", Flag),
            ("enabledad disableContainerInterface portIsolation", Flag),
            ("mtu vlan", Number),
            ("vlanTrunk", ListOf(Of(("id minID maxID", Number))))),
        ["dummy"] = Interface(),
        ["host-device"] = Interface(("device hwaddr kernelpath pciBusID", Text)),
        ["ipvlan"] = Interface(("master mode", Text), ("mtu", Number), ("linkInContainer", Flag)),
        ["macvlan"] = Interface(("master mode mac", Text), ("mtu bcqueuelen", Number), ("linkInContainer", Flag)),
        ["ptp"] = Interface(("ipMasqBackend", Text), ("ipMasq", Flag), ("mtu", Number)),
        ["tap"] = Interface(("mac selinuxContext bridge", Text), ("multiQueue", Flag), ("mtu owner group", Number)),
        ["vlan"] = Interface(("master", Text), ("vlanId mtu", Number), ("linkInContainer", Flag)),
    };

    /// <summary>Plugins that change what another plugin made.</summary>
    public static IReadOnlyDictionary<string, Shape> Chained { get; } = new Dictionary<string, Shape>(StringComparer.Ordinal)
    {
        ["bandwidth"] = Common.And(
            ("ingressRate ingressBurst egressRate egressBurst", Number),
            ("unshapedSubnets shapedSubnets", ListOf(Text))),
        ["firewall"] = Common.And(("backend iptablesAdminChainName firewalldZone ingressPolicy", Text)),
        ["loopback"] = Common,
        ["portmap"] = Common.And(
            ("backend externalSetMarkChain", Text),
            ("snat masqAll", Flag),
            ("markMasqBit", Number),
            ("conditionsV4 conditionsV6", ListOf(Text))),
        ["sbr"] = Common.And(("table", Number), ("addSourceHints", Flag)),
        ["tuning"] = Common.And(("sysctl", MapOf(Text)), ("mac dataDir", Text), ("promisc allmulti", Flag), ("mtu txQLen", Number)),
        ["vrf"] = Common.And(("vrfname", Text), ("table", Number)),
    };

    private static Shape Interface(params (string Keys, Shape Shape)[] keys) => Common.And([("ipam", AnyObject), ("dns", Dns), .. keys]);
}
