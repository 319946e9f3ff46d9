using CniCore.Cache;
using CniCore.Config;
using CniCore.Spec;
using AttachmentKey = (CniCore.Spec.ContainerId ContainerId, CniCore.Spec.InterfaceName IfName);

namespace CniCore.Runtime;

/// <summary>Runs one verb over the plugins of a list. Takes no locks.</summary>
internal sealed class PluginChain(IPluginInvoker invoker)
{
    // libcni pkg/invoke/exec.go: VERSION needs no environment, and gets placeholders.
    private const string Placeholder = "dummy";
    private static readonly byte[] VersionRequest = [.. "{\"cniVersion\":\"1.1.0\"}"u8];

    /// <summary>Throws if a plugin of the list is missing, before anything is made or stored.</summary>
    /// <exception cref="CniPluginException">A plugin is missing. The message names it.</exception>
    public async Task ThrowIfMissingAsync(NetworkList list, CancellationToken cancel)
    {
        foreach (var plugin in list.Plugins.Where(plugin => !invoker.Has(plugin.Type)))
            await VersionAsync(plugin.Type, list.PrefersBuiltins, cancel);
    }

    /// <summary>Runs the plugins in order and updates <paramref name="progress"/>, which is valid even if this throws.</summary>
    public async Task<CniResult> AddAsync(NetworkList list, Attachment attachment, AddProgress progress, CancellationToken cancel)
    {
        ReadOnlyMemory<byte>? previous = null;
        foreach (var plugin in list.Plugins)
        {
            var request = PluginRequest.For(list, plugin, previous, attachment.Capabilities);
            progress.Begin();
            try
            {
                var answer = await InvokeAsync(Call(CniCommand.Add, plugin, attachment, request), list, cancel);
                progress.Result = ResultOf(answer, plugin, list);
                previous = answer.StandardOutput; // byte for byte, with unknown keys
            }
            catch (CniPluginException fault) when (fault.NeverStarted)
            {
                progress.NeverStarted();
                throw;
            }
        }
        return progress.Result! with { CniVersion = list.CniVersion };
    }

    /// <summary>
    /// DEL of one plugin. An executable that no longer supports the list's version, since it was replaced after ADD, gets the newest
    /// version that it does support: otherwise what ADD made would stay.
    /// </summary>
    public async Task DeleteAsync(
        NetworkList list, PluginConfig plugin, Attachment attachment, string netns, CancellationToken cancel)
    {
        attachment = attachment with { NetNs = netns };
        try
        {
            await DeleteAsync(list, plugin, attachment, cancel);
        }
        catch (CniPluginException fault) when (fault.Code == CniErrorCode.IncompatibleVersion && fault.Message != attachment.AddFault)
        {
            if (await NewestOfAsync(plugin.Type, list, attachment, cancel) is not { } newest || newest == list.CniVersion)
                throw;
            await DeleteAsync(list.AtVersion(newest), plugin, attachment, cancel);
        }
    }

    private Task<PluginAnswer> DeleteAsync(NetworkList list, PluginConfig plugin, Attachment attachment, CancellationToken cancel)
    {
        var previous = CniVersions.HasPrevResultOnDel(list.CniVersion) ? PreviousResult(list, attachment) : default;
        var request = PluginRequest.For(list, plugin, previous, attachment.Capabilities);
        return InvokeAsync(Call(CniCommand.Del, plugin, attachment, request), list, cancel);
    }

    private async Task<string?> NewestOfAsync(PluginType plugin, NetworkList list, Attachment attachment, CancellationToken cancel)
    {
        if (attachment.Builtins.Contains(plugin.ToString()))
            return null;
        var supported = (await VersionAsync(plugin, list.PrefersBuiltins, cancel)).Supported ?? [];
        return CniVersions.All.LastOrDefault(supported.Contains);
    }

    /// <summary>Repeats ADD for the chained plugins that ask for a capability, with the result of the whole list.</summary>
    public async Task AddAgainAsync(NetworkList list, Attachment attachment, string capability, CancellationToken cancel)
    {
        foreach (var plugin in Chained(list, capability))
        {
            var request = PluginRequest.For(list, plugin, PreviousResult(list, attachment), attachment.Capabilities);
            await InvokeAsync(Call(CniCommand.Add, plugin, attachment, request), list, cancel);
        }
    }

    /// <summary>DEL for the chained plugins that ask for a capability, last first. Returns the failures.</summary>
    public async Task<List<Exception>> DeleteAgainAsync(
        NetworkList list, Attachment attachment, string capability, CancellationToken cancel)
    {
        var previous = CniVersions.HasPrevResultOnDel(list.CniVersion) ? PreviousResult(list, attachment) : default;
        var faults = new List<Exception>();
        foreach (var plugin in Chained(list, capability).Reverse())
        {
            try
            {
                var request = PluginRequest.For(list, plugin, previous, attachment.Capabilities);
                await InvokeAsync(Call(CniCommand.Del, plugin, attachment, request), list, cancel);
            }
            catch (CniException fault)
            {
                faults.Add(fault);
            }
        }
        return faults;
    }

    public async Task CheckAsync(NetworkList list, Attachment attachment, CancellationToken cancel)
    {
        foreach (var check in ChecksOf(list, attachment))
            await InvokeAsync(check, list, cancel);
    }

    /// <summary>The CHECK call of each plugin.</summary>
    public static IReadOnlyList<PluginCall> ChecksOf(NetworkList list, Attachment attachment)
    {
        var previous = PreviousResult(list, attachment);
        return [.. list.Plugins.Select(plugin =>
            Call(CniCommand.Check, plugin, attachment, PluginRequest.For(list, plugin, previous, attachment.Capabilities)))];
    }

    public async Task StatusAsync(NetworkList list, CancellationToken cancel)
    {
        foreach (var plugin in list.Plugins)
            await InvokeAsync(Call(CniCommand.Status, plugin, PluginRequest.ForGc(list, plugin, null), BuiltinsFor(list)), list, cancel);
    }

    public async Task<List<Exception>> CollectGarbageAsync(
        NetworkList list, IReadOnlyCollection<AttachmentKey>? valid, CancellationToken cancel)
    {
        var faults = new List<Exception>();
        var builtins = BuiltinsFor(list);
        var isKnown = CniVersions.Allows(list.CniVersion, CniCommand.Gc);
        foreach (var plugin in list.Plugins.Where(plugin => isKnown || builtins.Contains(plugin.Type.ToString())))
        {
            try
            {
                var request = PluginRequest.ForGc(list, plugin,
                    valid?.Select(key => (key.ContainerId.ToString(), key.IfName.ToString())).ToList());
                await InvokeAsync(Call(CniCommand.Gc, plugin, request, builtins), list, cancel);
            }
            catch (CniException fault)
            {
                faults.Add(fault);
            }
        }
        return faults;
    }

    public async Task<PluginVersions> VersionAsync(PluginType plugin, bool prefersBuiltins, CancellationToken cancel)
    {
        try
        {
            IReadOnlySet<string> builtins = invoker.TakesBuiltin(plugin, prefersBuiltins)
                ? new HashSet<string> { plugin.ToString() }
                : new HashSet<string>();
            var answer = await invoker.InvokeAsync(
                new(CniCommand.Version, plugin, "", Placeholder, Placeholder, "", VersionRequest) { Builtins = builtins }, cancel);
            return PluginVersions.Parse(answer.StandardOutput.Span, plugin);
        }
        catch (CniPluginException fault) when (fault.Reason == "unknown CNI_COMMAND: VERSION")
        {
            // Plugins from before VERSION existed. libcni recognizes them by this message too; there is no code for it.
            return PluginVersions.OfVerblessPlugin;
        }
    }

    public bool Has(PluginType plugin) => invoker.Has(plugin);

    /// <summary>The plugin types of the list, IPAM included, that run as built-ins.</summary>
    public IReadOnlyList<string> BuiltinsFor(NetworkList list) =>
    [
        .. list.Plugins
            .SelectMany(plugin => new[] { plugin.Type, plugin.IpamType })
            .OfType<PluginType>()
            .Where(type => invoker.TakesBuiltin(type, list.PrefersBuiltins))
            .Select(type => type.ToString())
            .Distinct(),
    ];

    private static IEnumerable<PluginConfig> Chained(NetworkList list, string capability) =>
        list.Plugins.Skip(1).Where(plugin => plugin.Capabilities.Contains(capability));

    private async Task<PluginAnswer> InvokeAsync(PluginCall call, NetworkList list, CancellationToken cancel)
    {
        try
        {
            return await invoker.InvokeAsync(call, cancel);
        }
        catch (CniPluginException fault) when (!fault.Message.Contains(call.Plugin.ToString(), StringComparison.Ordinal))
        {
            // A plugin's message seldom names the plugin.
            throw new CniPluginException(fault.Code, $"plugin {call.Plugin} of the list {list.Name}: {fault.Reason}", fault.Details, fault)
            {
                Plugin = call.Plugin,
                NeverStarted = fault.NeverStarted,
                StandardOutput = fault.StandardOutput,
                StandardError = fault.StandardError,
            };
        }
    }

    private static CniResult ResultOf(PluginAnswer answer, PluginConfig plugin, NetworkList list)
    {
        try
        {
            return ResultJson.Parse(answer.StandardOutput.Span, list.CniVersion);
        }
        catch (CniPluginException fault)
        {
            throw new CniPluginException(fault.Code, $"plugin {plugin.Type} reported success, but {fault.Reason}",
                $"{fault.Details}; it wrote: {PluginOutput.Show(answer.StandardOutput.Span)}", fault)
            {
                Plugin = plugin.Type,
                StandardOutput = PluginOutput.Show(answer.StandardOutput.Span),
                StandardError = answer.StandardError,
            };
        }
    }

    private static ReadOnlyMemory<byte>? PreviousResult(NetworkList list, Attachment attachment)
    {
        if (attachment.Result is { } result)
            return ResultJson.Write(result, list.CniVersion);
        return null; // two statements: in one expression, null would become an empty memory, which is a value
    }

    private static PluginCall Call(CniCommand command, PluginConfig plugin, Attachment attachment, ReadOnlyMemory<byte> request) =>
        new(command, plugin.Type, attachment.ContainerId, attachment.NetNs, attachment.IfName, attachment.Args,
            request)
        { Builtins = attachment.Builtins.ToHashSet() };

    private static PluginCall Call(CniCommand command, PluginConfig plugin, ReadOnlyMemory<byte> request, IReadOnlyList<string> builtins) =>
        new(command, plugin.Type, "", "", "", "", request) { Builtins = builtins.ToHashSet() };
}
