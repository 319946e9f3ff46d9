using System.Collections.Concurrent;
using CniCore.Invoke;
using CniCore.Spec;

namespace DockerDriver.Dhcp;

/// <summary>
/// Runs executables; starts the DHCP daemon for those that request a lease, and explains its timeouts. A timeout is remembered for a moment
/// per network: the engine serializes its containers, and its start waits for them.
/// </summary>
internal sealed class DhcpInvoker(ExecInvoker executables, DhcpDaemon daemon, TimeProvider clock) : IPluginInvoker
{
    private static readonly TimeSpan SilenceTtl = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Until, CniPluginException Fault)> silent = new(StringComparer.Ordinal);

    public bool Has(PluginType type) => executables.Has(type);

    public async Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel)
    {
        if (call.Command is not (CniCommand.Add or CniCommand.Del or CniCommand.Check)
            || DhcpConfig.SocketOf(call.Config.Span) is not { } socket)
            return await executables.InvokeAsync(call, cancel);
        var network = DhcpConfig.NetworkOf(call.Config.Span);
        if (call.Command == CniCommand.Add && silent.TryGetValue(network, out var silence) && clock.GetUtcNow() < silence.Until)
            throw NoAnswer(silence.Fault);
        await daemon.EnsureAsync(socket, cancel);
        try
        {
            var answer = await executables.InvokeAsync(call, cancel);
            if (call.Command == CniCommand.Add)
                silent.TryRemove(network, out _);
            return answer;
        }
        catch (CniPluginException fault) when (call.Command == CniCommand.Add && IsNoAnswer(fault))
        {
            silent[network] = (clock.GetUtcNow() + SilenceTtl, fault);
            throw NoAnswer(fault);
        }
    }

    private static CniPluginException NoAnswer(CniPluginException fault) =>
        new(fault.Code, "no DHCP server answered; is there one on the network of the list's master?", fault.Message,
            fault)
        { Plugin = fault.Plugin };

    private static bool IsNoAnswer(CniPluginException fault) =>
        fault.Code == CniErrorCode.DeadlineExceeded || fault.Message.Contains("no more tries", StringComparison.Ordinal);
}
