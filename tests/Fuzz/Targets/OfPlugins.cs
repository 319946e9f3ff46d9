using System.Text;
using CniCore.Firewall;
using CniCore.Plugins;
using CniCore.Plugins.Bridge;
using CniCore.Plugins.Firewall;
using CniCore.Plugins.HostLocal;
using CniCore.Plugins.MacVlan;
using CniCore.Plugins.PortMap;
using CniCore.Plugins.Ptp;
using CniCore.Plugins.Static;
using CniCore.Plugins.Tuning;
using CniCore.Spec;
using ResolvConf = CniCore.Plugins.HostLocal.ResolvConf;

namespace Fuzz.Targets;

/// <summary>Configurations of the built-ins, and the files and programs that they read.</summary>
internal static class OfPlugins
{
    private static readonly string[] Types = ["bridge", "firewall", "host-local", "macvlan", "portmap", "ptp", "static", "tuning"];
    private static readonly Dictionary<string, BuiltinPlugin> Plugins = BuiltinPlugins.All();

    public static IReadOnlyList<Target> All { get; } =
    [
        new("plugin-config", Form.Json, Config, Targets.All.OfCni,
            "BuiltinCall", "CallArgs", "FlagJson:Read", "NumberJson:Read Shown", "BridgeConfig", "BridgeFields", "FirewallConfig",
            "HostLocalConfig", "RangeSet", "AddressRange", "MacVlanConfig:Of KernelMode MacFor", "PortMapConfig", "PtpConfig",
            "StaticConfig", "TuningConfig", "HardwareAddress"),
        new("host-local-files", Form.Text, HostLocal, [typeof(IOException)],
            "ReservationOwner", "AddressNumber:OfText ToString", "ReservationIndex:Find Lines IsReclaimed", "HostLocal/ResolvConf"),
        new("tuning-files", Form.Text, Tuning, [typeof(CniException), typeof(IOException)], "TuningAllowlist", "TuningBackups:Find Read"),
        new("iptables-rules", Form.Text, Rules, [], "LegacyIptables:Parse ReadMatch"),
    ];

    private static void Config(byte[] input)
    {
        var type = Types[Targets.All.Choice(input, Types.Length, out var json)];
        var call = BuiltinCall.Of(new(
            CniCommand.Add, PluginType.Parse(type), "container", "/run/netns/x", "eth0",
            type == "static" ? "IP=10.1.0.5/16;GATEWAY=10.1.0.1" : "IP=10.1.0.5;IgnoreUnknown=1", json));
        _ = call.Translations;
        _ = call.ValidIdentities();
        if (type != "firewall") // it asks the host which interfaces there are
            _ = Plugins[type].PolicyOf(call);
        switch (type)
        {
            case "bridge": _ = BridgeConfig.Of(call); break;
            case "firewall": _ = FirewallConfig.Of(call); break;
            case "host-local": _ = HostLocalConfig.Of(call); break;
            case "macvlan": _ = (MacVlanConfig.Of(call).KernelMode(), MacVlanConfig.Of(call).MacFor(call)); break;
            case "portmap": Published(PortMapConfig.Of(call), call); break;
            case "ptp": _ = PtpConfig.Of(call); break;
            case "static": _ = StaticConfig.Of(call); break;
            default: _ = (TuningConfig.Of(call).LinkFor(call), TuningConfig.Of(call).Sysctls()); break;
        }
        _ = LeftMasquerade.NetworkOf(json);
    }

    private static void Published(PortMapConfig config, BuiltinCall call)
    {
        foreach (var ip in call.PrevResult?.Ips ?? [])
            _ = config.PublishedBy(ip.Address);
    }

    private static void HostLocal(byte[] input)
    {
        var text = Targets.All.Text(input);
        _ = ReservationOwner.Of(text).Key;
        foreach (var line in text.Split('\n'))
            _ = AddressNumber.OfText(line)?.ToString();
        using var folder = new InputFolder();
        _ = ResolvConf.Read(folder.Write("resolv.conf", input));
        var index = new ReservationIndex(folder.Path);
        _ = index.Find("resolv.conf");
        _ = index.IsReclaimed;
    }

    private static void Tuning(byte[] input)
    {
        using var folder = new InputFolder();
        if (Targets.All.Choice(input, 2, out var rest) == 0)
        {
            _ = folder.Write("c_eth0.json", rest);
            _ = new TuningBackups(folder.Path).Find("c", "eth0");
        }
        else
        {
            new TuningAllowlist(folder.Write("allowlist.conf", rest))
                .Check(["net.ipv4.conf.IFNAME.arp_filter", "net.core.somaxconnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"]);
        }
    }

    private static void Rules(byte[] input)
    {
        foreach (var line in Encoding.UTF8.GetString(input).Split('\n').Where(line => line.StartsWith("-A ", StringComparison.Ordinal)))
            _ = LegacyIptables.Parse(line).Text;
    }
}
