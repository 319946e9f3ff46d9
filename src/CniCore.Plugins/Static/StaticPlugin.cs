using CniCore.Spec;

namespace CniCore.Plugins.Static;

/// <summary>Gives the addresses of the configuration (reference: plugins/ipam/static). It stores nothing, so DEL does nothing.</summary>
internal sealed class StaticPlugin : BuiltinPlugin
{
    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = StaticConfig.Of(call);
        return Task.FromResult(new CniResult { Ips = config.Addresses, Routes = config.Routes, Dns = config.Dns });
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel) => Task.CompletedTask;

    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var previous = call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "Required prevResult missing");
        foreach (var wanted in StaticConfig.Of(call).Addresses)
        {
            var found = previous.Ips.FirstOrDefault(ip => ip.Address.Address.Equals(wanted.Address.Address))
                ?? throw new CniPluginException(CniErrorCode.Internal,
                    $"static: address {wanted.Address.Address} is not on interface {call.IfName}");
            if (wanted.Gateway is not null && !wanted.Gateway.Equals(found.Gateway))
                throw new CniPluginException(CniErrorCode.Internal,
                    $"static: Failed to match addr {wanted.Address.Address} on interface {call.IfName}");
        }
        return Task.CompletedTask;
    }
}
