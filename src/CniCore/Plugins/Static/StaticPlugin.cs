using System.Net;
using CniCore.Spec;

namespace CniCore.Plugins.Static;

/// <summary>The static IPAM plugin: the addresses that the configuration or the caller names. Keeps no books.</summary>
internal sealed class StaticPlugin : BuiltinPlugin
{
    private const string IpArg = "IP";
    private const string GatewayArg = "GATEWAY";

    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = call.Read(StaticJson.Default.StaticConfig);
        return Task.FromResult(new CniResult
        {
            CniVersion = call.CniVersion,
            Ips = Addresses(call, config),
            Routes = config.Ipam?.Routes ?? [],
            Dns = config.Ipam?.Dns ?? new(),
        });
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>The result of ADD has every address, with the gateway it should have.</summary>
    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var result = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "Required prevResult missing");
        foreach (var wanted in Addresses(call, call.Read(StaticJson.Default.StaticConfig)))
        {
            var given = result.Ips.FirstOrDefault(ip => ip.Address == wanted.Address)
                ?? throw new CniPluginException(CniErrorCode.Internal, $"static: the result of ADD has not the address {wanted.Address}");
            if (wanted.Gateway is not null && !wanted.Gateway.Equals(given.Gateway))
                throw new CniPluginException(CniErrorCode.Internal, $"static: gateway for {wanted.Address} is {given.Gateway}, not {wanted.Gateway}");
        }
        return Task.CompletedTask;
    }

    // The later one counts: the configuration and CNI_ARGS together, then args.cni.ips, then the capability.
    private static List<CniAddress> Addresses(BuiltinCall call, StaticConfig config)
    {
        if (config.RuntimeConfig?.Ips is { Count: > 0 } capability)
            return [.. capability.Select(Parse)];
        if (config.Args?.Cni?.Ips is { Count: > 0 } args)
            return [.. args.Select(Parse)];

        // The gateways of CNI_ARGS are for its own addresses, as with the reference.
        var asked = Split(call, IpArg).Select(Parse).ToList();
        foreach (var gateway in Split(call, GatewayArg).Select(ParseGateway))
            asked = [.. asked.Select(address => address.Address.Network.Contains(gateway) ? address with { Gateway = gateway } : address)];
        return [.. config.Ipam?.Addresses ?? [], .. asked];
    }

    private static string[] Split(BuiltinCall call, string key) =>
        call.Args.GetValueOrDefault(key, "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static CniAddress Parse(string text) => CidrAddress.TryParse(text, out var address)
        ? new() { Address = address }
        : throw new CniPluginException(CniErrorCode.InvalidConfig, $"the \"ip\" field is expected to be in CIDR notation, got: '{text}'");

    private static IPAddress ParseGateway(string text) => IPAddress.TryParse(text, out var gateway)
        ? gateway
        : throw new CniPluginException(CniErrorCode.InvalidConfig, $"invalid gateway address: {text}");
}
