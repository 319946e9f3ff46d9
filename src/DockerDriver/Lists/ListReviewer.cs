using CniCore.Config;
using CniCore.Plugins;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Hosting;
using DockerDriver.Networks;

namespace DockerDriver.Lists;

/// <summary>Says of lists whether they are usable here and now, without attaching anything: of plugins it runs VERSION alone.</summary>
internal sealed class ListReviewer(Settings settings, CniRuntime runtime)
{
    /// <summary>Every file of <c>conf-dir</c> that should be a list: those that can be read, in libcni's order, then those that cannot.</summary>
    public async Task<IReadOnlyList<ListReview>> AllAsync(CancellationToken cancel)
    {
        var reading = new NetworkListFolder(settings.ConfDir).Read();
        var reviews = new List<ListReview>();
        foreach (var list in reading.Lists)
            reviews.Add(await OfAsync(list, cancel));
        reviews.AddRange(reading.Broken.Select(broken => new ListReview(broken.Path, null, [WithoutPath(broken)])));
        return reviews;
    }

    public async Task<ListReview> OfAsync(NetworkList list, CancellationToken cancel)
    {
        var faults = Missing(list).ToList();
        if (faults.Count == 0)
        {
            try
            {
                list = await runtime.NegotiateAsync(list, cancel);
                await AddIpamVersionsAsync(list, faults, cancel);
            }
            catch (CniException fault)
            {
                faults.Add(fault.Message);
            }
        }
        if (NoInterface.Is(list))
            faults.Add(NoInterface.Text(list));
        faults.AddRange(IpamFaults(list));
        faults.AddRange(HostLinks.Missing(list));
        return new(list.Source ?? "", list, faults);
    }

    private IEnumerable<string> Missing(NetworkList list)
    {
        var types = list.Plugins.Select(plugin => (plugin.Type, Role: "plugin")).Concat(Ipams(list).Select(type => (Type: type, Role: "IPAM plugin")));
        return types.Distinct().Where(plugin => !runtime.Has(plugin.Type))
            .Select(plugin => ReferencePlugins.OfWindows.Contains(plugin.Type.ToString())
                ? $"the {plugin.Role} {plugin.Type} is one of Windows, and does not run on Linux"
                : $"the {plugin.Role} {plugin.Type} is not in {string.Join(", ", settings.PluginDirs)}, and is none of cnid's own: install it");
    }

    // An IPAM is handed the list's version by the plugin that calls it; nobody asks it before.
    private async Task AddIpamVersionsAsync(NetworkList list, List<string> faults, CancellationToken cancel)
    {
        foreach (var type in Ipams(list).Distinct())
        {
            var spoken = (await runtime.VersionAsync(type, cancel)).Supported ?? [];
            if (!spoken.Contains(list.CniVersion))
                faults.Add($"the IPAM plugin {type} does not speak the list's version {list.CniVersion}; it speaks {string.Join(", ", spoken)}: lower the list's cniVersion");
        }
    }

    private static IEnumerable<string> IpamFaults(NetworkList list) =>
        from plugin in list.Plugins
        let fault = IpamSection.FaultOf(list, plugin)
        where fault is not null
        select $"the IPAM of {plugin.Type} ({IpamSection.TypeOf(plugin)}) cannot be used: {fault}";

    private static IEnumerable<PluginType> Ipams(NetworkList list) => list.Plugins.Where(IpamSection.IsAsWritten).Select(IpamSection.TypeOf).OfType<PluginType>();

    // "path: reason", or "path:line: reason".
    private static string WithoutPath(BrokenList broken)
    {
        if (!broken.Reason.StartsWith(broken.Path + ":", StringComparison.Ordinal))
            return broken.Reason;
        var rest = broken.Reason[(broken.Path.Length + 1)..];
        return rest.StartsWith(' ') ? rest.TrimStart() : "line " + rest;
    }
}
