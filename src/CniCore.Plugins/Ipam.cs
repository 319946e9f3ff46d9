using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>Delegation to the IPAM plugin that a configuration names (CNI spec, section 4): the same request, another type.</summary>
internal static class Ipam
{
    // What these two know of an address is in files and in the configuration.
    private static readonly HashSet<string> WithoutLink = new(StringComparer.Ordinal) { "host-local", "static" };

    /// <summary>Whether the IPAM may need the link to give an address back; what we do not know may be like <c>dhcp</c>.</summary>
    public static bool MayUseLink(BuiltinCall call) => call.IpamType.Length > 0 && !WithoutLink.Contains(call.IpamType);

    /// <summary>ADD. Answers at least one address. When it fails, DEL has yet to follow.</summary>
    /// <exception cref="CniPluginException">It refused, or gave no address.</exception>
    public static async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var answer = await call.Invoker.InvokeAsync(Call(call, CniCommand.Add), cancel);
        var result = ResultJson.Parse(answer.StandardOutput.Span, call.CniVersion);
        return result.Ips.Count > 0
            ? result
            : throw new CniPluginException(CniErrorCode.Internal, "IPAM plugin returned missing IP config");
    }

    /// <summary>CHECK, GC or STATUS, whichever the call is.</summary>
    public static Task ForwardAsync(BuiltinCall call, CancellationToken cancel) =>
        call.Invoker.InvokeAsync(Call(call, call.Call.Command), cancel);

    /// <summary>DEL, whichever verb the call is.</summary>
    public static Task DeleteAsync(BuiltinCall call, CancellationToken cancel) =>
        call.Invoker.InvokeAsync(Call(call, CniCommand.Del), cancel);

    private static PluginCall Call(BuiltinCall call, CniCommand command) =>
        call.Call with { Command = command, Plugin = PluginType.Parse(call.IpamType) };
}
