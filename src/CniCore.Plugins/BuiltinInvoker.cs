using System.Collections.Concurrent;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Firewall;
using CniCore.Runtime;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging;

namespace CniCore.Plugins;

/// <summary>
/// Runs plugins as built-ins, and all others through another invoker. The call says which (<see cref="PluginCall.Builtins"/>): the runtime
/// decides at ADD, and DEL does the same.
/// </summary>
public sealed partial class BuiltinInvoker : IPluginInvoker, IRuleKeeper
{
    private readonly IPluginInvoker others;
    private readonly HostFirewall firewall;
    private readonly LeftMasquerade leftMasquerade;
    private readonly BuiltinUse use;
    private readonly Dictionary<string, BuiltinPlugin> plugins;
    private readonly ILogger log;
    private readonly ConcurrentDictionary<string, bool> said = new(StringComparer.Ordinal);

    /// <summary>
    /// Creates the invoker. <paramref name="use"/> says when a built-in is used; <paramref name="others"/> runs executables; built-ins work
    /// on the host of <paramref name="firewall"/>. The log gets one line for each type that runs as a built-in because there is no
    /// executable.
    /// </summary>
    public BuiltinInvoker(BuiltinUse use, IPluginInvoker others, HostFirewall firewall, ILogger<BuiltinInvoker>? log = null)
    {
        (this.use, this.others, this.firewall, this.log) = (use, others, firewall, log ?? NullLogger<BuiltinInvoker>.Instance);
        leftMasquerade = new(firewall);
        plugins = BuiltinPlugins.All();
        plugins[PluginType.Admission.ToString()] = new FirewallPlugin(isImplied: true);
    }

    /// <summary>Whether there is a built-in of that type.</summary>
    public static bool Knows(PluginType type) => BuiltinPlugins.Has(type.ToString());

    /// <summary>
    /// The error with which <c>host-local</c> or <c>static</c> would refuse the plugin's section <c>ipam</c>; null for none, and for other
    /// IPAM plugins. Runs nothing.
    /// </summary>
    /// <exception cref="CniConfigException">The section's type is not a valid plugin name.</exception>
    public static string? IpamFault(NetworkList list, PluginConfig plugin) => IpamCheck.FaultOf(list, plugin);

    /// <inheritdoc/>
    public bool Has(PluginType type) =>
        type == PluginType.Admission || others.Has(type) || (use != BuiltinUse.Off && plugins.ContainsKey(type.ToString()));

    /// <inheritdoc/>
    public bool TakesBuiltin(PluginType type, bool preferred) =>
        type == PluginType.Admission || (plugins.ContainsKey(type.ToString()) && use switch
        {
            BuiltinUse.Off => false,
            BuiltinUse.Always => true,
            _ => preferred || IsMissing(type),
        });

    /// <inheritdoc/>
    public async Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel)
    {
        if (!call.Builtins.Contains(call.Plugin.ToString()))
        {
            var answer = await others.InvokeAsync(call, cancel);
            leftMasquerade.RemoveAfter(call);
            return answer;
        }
        try
        {
            return new(await RunAsync(plugins[call.Plugin.ToString()], call, cancel), "");
        }
        catch (Exception fault) when (fault is LinuxException or NftablesException or IOException or UnauthorizedAccessException)
        {
            throw new CniPluginException(CniErrorCode.Internal, $"built-in {call.Plugin}: {fault.Message}",
                inner: fault)
            { Plugin = call.Plugin };
        }
    }

    private bool IsMissing(PluginType type)
    {
        if (others.Has(type))
            return false;
        if (said.TryAdd(type.ToString(), true))
            FallsBack(type.ToString());
        return true;
    }

    private async Task<byte[]> RunAsync(BuiltinPlugin plugin, PluginCall call, CancellationToken cancel)
    {
        if (call.Command == CniCommand.Version)
            return PluginVersions.OfBuiltins.ToJson();
        var parsed = BuiltinCall.Of(call, this, firewall);
        switch (call.Command)
        {
            case CniCommand.Add:
                return ResultJson.Write(await plugin.AddAsync(parsed, cancel), parsed.CniVersion);
            case CniCommand.Del:
                await plugin.DeleteAsync(parsed, cancel);
                return [];
            case CniCommand.Check:
                await plugin.CheckAsync(parsed, cancel);
                return [];
            case CniCommand.Gc:
                await plugin.CollectGarbageAsync(parsed, cancel);
                return [];
            default:
                await plugin.StatusAsync(parsed, cancel);
                return [];
        }
    }

    [LoggerMessage(LogLevel.Information, "there is no executable of the plugin {Plugin}: the built-in one takes its place")]
    private partial void FallsBack(string plugin);
}
