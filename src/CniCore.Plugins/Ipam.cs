using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>Delegates to the IPAM plugin of a configuration (CNI spec, section 4): the same request with another type.</summary>
internal static class Ipam
{
    // These two find an address in files and in the configuration only.
    private static readonly HashSet<string> WithoutLink = new(StringComparer.Ordinal) { "host-local", "static" };

    /// <summary>Whether IPAM DEL may need the link. Unknown plugins may be like <c>dhcp</c>.</summary>
    public static bool MayUseLink(BuiltinCall call) => call.IpamType.Length > 0 && !WithoutLink.Contains(call.IpamType);

    /// <summary>ADD. Returns at least one address. If it fails, DEL must follow.</summary>
    /// <exception cref="CniPluginException">It failed, or returned no address.</exception>
    public static async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var answer = await call.Invoker.InvokeAsync(Call(call, CniCommand.Add), cancel);
        var result = ResultJson.Parse(answer.StandardOutput.Span, call.CniVersion);
        return result.Ips.Count > 0
            ? result
            : throw new CniPluginException(CniErrorCode.Internal, "IPAM plugin returned missing IP config");
    }

    /// <summary>Passes on CHECK, GC or STATUS.</summary>
    public static Task ForwardAsync(BuiltinCall call, CancellationToken cancel) =>
        call.Invoker.InvokeAsync(Call(call, call.Call.Command), cancel);

    /// <summary>DEL, whatever the verb of the call.</summary>
    public static Task DeleteAsync(BuiltinCall call, CancellationToken cancel) =>
        call.Invoker.InvokeAsync(Call(call, CniCommand.Del), cancel);

    private static PluginCall Call(BuiltinCall call, CniCommand command) =>
        call.Call with { Command = command, Plugin = PluginType.Parse(call.IpamType) };
}
