using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CniCore.Linux;
using CniCore.Plugins.Interfaces;

namespace CniCore.Tests.Plugins;

/// <summary>What a plugin answered and left, as text that is equal for two worlds in which the same was done.</summary>
internal static partial class WorldState
{
    private static readonly string[] Commands =
        ["ip -o -d link", "ip -o -d addr", "ip -o -d route", "ip -o -d -6 route", "ip -o -d rule",
            "ip -o -d neigh show nud permanent", "bridge vlan"];

    private static readonly string[] Sysctls =
    [
        "net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv4/conf/eth0/arp_notify",
        "net/ipv6/conf/eth0/disable_ipv6", "net/ipv4/conf/eth0/arp_filter", "net/ipv4/ip_local_port_range",
    ];

    /// <summary>Both namespaces: links, addresses, routes, rules, neighbours, and those sysctls that a plugin may have set.</summary>
    public static string Of(PluginWorld world, string config) => string.Join('\n',
        Namespace("host", world.HostPath, () => world.Host.Inside(Read), config),
        Namespace("container", world.NetNs, () => world.Container.Inside(Read), config));

    /// <summary>A result. Go writes an empty <c>dns</c> where it has none.</summary>
    public static string Of(PluginWorld world, string result, string config)
    {
        var json = JsonNode.Parse(result)!.AsObject();
        if (json["dns"] is JsonObject { Count: 0 })
            json.Remove("dns");
        var sorted = new JsonObject(json.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())));
        return Plain(sorted.ToJsonString(new() { WriteIndented = true }).Replace(world.NetNs, "NETNS", StringComparison.Ordinal), config);
    }

    private static string Namespace(string name, string path, Func<string> sysctls, string config)
    {
        var lines = Commands.SelectMany(command => Output(path, command).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => $"{name} {command}: {Plain(line, config)}"));
        return string.Join('\n', lines.Where(line => !line.Contains("fe80:", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            + $"\n{name} sysctl: {sysctls()}";
    }

    private static string Read() => string.Join(' ', Sysctls.Select(key => Sysctl.Read(key)));

    // Generated names, addresses and numbers; and what changes by itself a moment later.
    private static string Plain(string text, string config)
    {
        text = Mac().Replace(text, found => config.Contains(found.Value, StringComparison.OrdinalIgnoreCase) ? found.Value : "MAC");
        text = VethName().Replace(text, "vethX");
        text = Number().Replace(text, "N");
        text = Bridge().Replace(text, "");
        return Blanks().Replace(Differences.TakenOut(Passing().Replace(text, "")), " ").TrimEnd();
    }

    private static string Output(string path, string command)
    {
        using var process = Children.Start(
            new ProcessStartInfo("nsenter", [$"--net={path}", .. command.Split(' ')]) { RedirectStandardOutput = true });
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }

    [GeneratedRegex("([0-9a-f]{2}:){5}[0-9a-f]{2}")]
    private static partial Regex Mac();

    [GeneratedRegex("veth[0-9a-f]{8,11}")]
    private static partial Regex VethName();

    [GeneratedRegex(@"^\d+:|@if\d+|link-netnsid \d+|link-netns \S+|(?<=bcqueuelen )\d+(?= usedbcqueuelen)")]
    private static partial Regex Number();

    [GeneratedRegex(@"state \S+|qdisc \S+|NO-CARRIER,|,?LOWER_UP|,?M-DOWN| (tentative|linkdown|dadfailed)\b")]
    private static partial Regex Passing();

    [GeneratedRegex(@"[ \\]+")]
    private static partial Regex Blanks();

    // What a bridge counts, is called after its MAC, and has from the ports it had.
    [GeneratedRegex(
        @"\w+_timer +\S+|(bridge_id|designated_root|designated_bridge) +\S+|(port_id|port_no|designated_port|tso_max_size) +\S+")]
    private static partial Regex Bridge();
}
