using CniCore.Exec;
using CniCore.Spec;

namespace DockerDriver.Networks.Leases;

/// <summary>Runs executables; sees to it that the daemon is there for those that will ask for a lease, and says what its silence means.</summary>
internal sealed class DhcpInvoker(ExecInvoker executables, DhcpDaemon daemon) : IPluginInvoker
{
    public bool Has(PluginType type) => executables.Has(type);

    public async Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel)
    {
        if (call.Command is not (CniCommand.Add or CniCommand.Del or CniCommand.Check) || DhcpConfig.SocketOf(call.Config.Span) is not { } socket)
            return await executables.InvokeAsync(call, cancel);
        await daemon.EnsureAsync(socket, cancel);
        try
        {
            return await executables.InvokeAsync(call, cancel);
        }
        catch (CniPluginException fault) when (call.Command == CniCommand.Add && IsSilence(fault))
        {
            throw new CniPluginException(fault.Code, "no DHCP server has answered; is there one on the network of the list's master?", fault.Message, fault) { Plugin = fault.Plugin };
        }
    }

    private static bool IsSilence(CniPluginException fault) =>
        fault.Code == CniErrorCode.DeadlineExceeded || fault.Message.Contains("no more tries", StringComparison.Ordinal);
}
