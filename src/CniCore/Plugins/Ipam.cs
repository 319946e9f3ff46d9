using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>Delegation to the IPAM plugin that a configuration names (CNI spec, section 4): the same request, another type.</summary>
internal static class Ipam
{
    /// <summary>ADD. Answers at least one address.</summary>
    /// <exception cref="CniPluginException">It refused, or gave no address; then it has been undone.</exception>
    public static async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        try
        {
            var answer = await call.Invoker.InvokeAsync(Call(call, CniCommand.Add), cancel);
            var result = ResultJson.Parse(answer.StandardOutput.Span, call.CniVersion);
            return result.Ips.Count > 0 ? result : throw new CniPluginException(CniErrorCode.Internal, "IPAM plugin returned missing IP config");
        }
        catch
        {
            await UndoAsync(call);
            throw;
        }
    }

    /// <summary>DEL, CHECK, GC or STATUS, whichever the call is.</summary>
    public static Task ForwardAsync(BuiltinCall call, CancellationToken cancel) => call.Invoker.InvokeAsync(Call(call, call.Call.Command), cancel);

    /// <summary>DEL, whichever verb the call is.</summary>
    public static Task DeleteAsync(BuiltinCall call, CancellationToken cancel) => call.Invoker.InvokeAsync(Call(call, CniCommand.Del), cancel);

    /// <summary>DEL after an ADD that failed, there or later. That fault is the one to be told; the runtime's own DEL follows.</summary>
    public static async Task UndoAsync(BuiltinCall call)
    {
        try
        {
            await DeleteAsync(call, CancellationToken.None);
        }
        catch (CniPluginException)
        {
            // The first fault says more.
        }
    }

    private static PluginCall Call(BuiltinCall call, CniCommand command) => call.Call with { Command = command, Plugin = PluginType.Parse(call.IpamType) };
}
