using System.Text.Json.Nodes;
using CniCore.Spec;

namespace Conformance;

/// <summary>Checks whether a result has the form of its version (section 5, and the tags of the spec).</summary>
internal static class ResultShape
{
    private static readonly string[] Earlier = ["ip4", "ip6"];
    private static readonly string[] Later = ["ips", "interfaces", "routes"];

    public static IReadOnlyList<string> Faults(JsonObject result, string version, PluginKind kind)
    {
        var faults = new List<string>();
        if (Answer.Text(result["cniVersion"]) != version)
            faults.Add($"cniVersion is {result["cniVersion"]?.ToJsonString() ?? "missing"}");
        if (PluginTest.Rank(version) <= PluginTest.Rank("0.2.0"))
            Old(result, faults);
        else
            Current(result, version, kind, faults);
        return faults;
    }

    private static void Old(JsonObject result, List<string> faults)
    {
        foreach (var later in Later.Where(result.ContainsKey))
            faults.Add($"'{later}' is of a later version");
        if (!result.ContainsKey("ip4") && !result.ContainsKey("ip6"))
            faults.Add("neither ip4 nor ip6 is there");
        foreach (var key in Earlier.Where(result.ContainsKey))
        {
            if (result[key] is not JsonObject address || !CidrAddress.TryParse(Answer.Text(address["ip"]), out _))
                faults.Add($"{key}.ip is no address with a prefix length");
        }
    }

    private static void Current(JsonObject result, string version, PluginKind kind, List<string> faults)
    {
        foreach (var earlier in Earlier.Where(result.ContainsKey))
            faults.Add($"'{earlier}' is of an earlier version");
        var interfaces = result["interfaces"] as JsonArray ?? [];
        if (kind == PluginKind.Ipam && interfaces.Count > 0)
            faults.Add("an address plugin names no interfaces");
        if (kind == PluginKind.Interface && interfaces.Count == 0)
            faults.Add("no interfaces");
        if (interfaces.Any(reported => Answer.Text(reported?["name"]).Length == 0))
            faults.Add("an interface without a name");
        foreach (var (address, index) in (result["ips"] as JsonArray ?? []).Select((address, index) => (address as JsonObject, index)))
        {
            if (!CidrAddress.TryParse(Answer.Text(address?["address"]), out var parsed))
                faults.Add($"ips[{index}].address is no address with a prefix length");
            var family = parsed.Address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "6" : "4";
            if (PluginTest.Rank(version) <= PluginTest.Rank("0.4.0")
                ? Answer.Text(address?["version"]) != family
                : address?.ContainsKey("version") == true)
                faults.Add(PluginTest.Rank(version) <= PluginTest.Rank("0.4.0")
                    ? $"ips[{index}].version is not \"{family}\""
                    : $"ips[{index}].version is of an earlier version");
            if (address?["interface"] is JsonValue value
                && (kind == PluginKind.Ipam || !value.TryGetValue<int>(out var at) || at < 0 || at >= interfaces.Count))
                faults.Add($"ips[{index}].interface points to none");
        }
    }
}
