using System.Net;
using CniCore.Spec;

namespace CniCore.Plugins.Static;

/// <summary>The configuration of static, checked (reference: LoadIPAMConfig).</summary>
internal sealed record StaticConfig(IReadOnlyList<CniAddress> Addresses, IReadOnlyList<CniRoute> Routes, CniDns Dns)
{
    /// <exception cref="CniPluginException">An address is invalid, or there are too many for the version.</exception>
    public static StaticConfig Of(BuiltinCall call)
    {
        var fields = call.Read(StaticJson.Default.StaticFields);
        var ipam = fields.Ipam ?? throw Invalid("IPAM config missing 'ipam' key");
        var addresses = AddressesOf(call, fields, ipam);
        var ofVersion4 = addresses.Count(address => address.Address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork);
        if (CniVersions.HasIp4AndIp6(call.CniVersion) && (ofVersion4 > 1 || addresses.Count - ofVersion4 > 1))
            throw Invalid($"CNI version {call.CniVersion} does not support more than 1 address per family");
        return new(addresses, ipam.Routes ?? [], ipam.Dns ?? new());
    }

    // The capability wins over args.cni, which wins over the configuration and CNI_ARGS. All are checked, used or not.
    private static List<CniAddress> AddressesOf(BuiltinCall call, StaticFields fields, StaticFields.IpamFields ipam)
    {
        List<CniAddress> own = [.. (ipam.Addresses ?? []).Select(Configured), .. FromArgs(call)];
        var args = ListOf(fields.Args?.Cni?.Ips);
        var capability = ListOf(fields.RuntimeConfig?.Ips);
        return capability.Count > 0 ? capability : args.Count > 0 ? args : own;
    }

    private static CniAddress Configured(StaticFields.AddressFields address) =>
        new()
        {
            Address = Parse(address.Address ?? "", "the 'address' field is expected to be in CIDR notation"),
            Gateway = address.Gateway,
        };

    // GATEWAY applies to the addresses of IP only: the reference has not parsed the others at that point.
    private static List<CniAddress> FromArgs(BuiltinCall call)
    {
        var args = CallArgs.Of(call, "IP", "GATEWAY");
        var gateways = Items(args, "GATEWAY").Select(Gateway).ToList();
        return
        [
            .. Items(args, "IP")
                .Select(text => Parse(text, "the 'ip' field is expected to be in CIDR notation"))
                .Select(address => new CniAddress { Address = address, Gateway = gateways.LastOrDefault(address.Network.Contains) }),
        ];
    }

    private static List<CniAddress> ListOf(IReadOnlyList<string>? texts) =>
        [.. (texts ?? []).Select(text => new CniAddress { Address = Parse(text, "an entry in the 'ips' field is NOT in CIDR notation") })];

    private static string[] Items(IReadOnlyDictionary<string, string> args, string key) =>
        args.TryGetValue(key, out var list) ? list.Split(',', StringSplitOptions.TrimEntries) : [];

    private static IPAddress Gateway(string text) =>
        AddressText.TryParse(text, out var parsed) ? parsed : throw Invalid($"invalid gateway address: {text}");

    private static CidrAddress Parse(string text, string complaint) =>
        CidrAddress.TryParse(text, out var parsed) ? parsed : throw Invalid($"{complaint}, got: '{text}'");

    private static CniPluginException Invalid(string message) => new(CniErrorCode.InvalidConfig, message);
}
