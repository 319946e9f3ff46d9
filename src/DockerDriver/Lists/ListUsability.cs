using CniCore.Plugins;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;

namespace DockerDriver.Lists;

/// <summary>Checks whether a list is usable on this host without attaching anything; it calls plugins with VERSION only.</summary>
internal sealed class ListUsability(Settings settings, CniRuntime runtime)
{
    /// <returns>The list at the version that its plugins agree on, if any, and what prevents an attachment, one line each.</returns>
    public async Task<(NetworkList List, IReadOnlyList<string> Faults)> OfAsync(NetworkList list, CancellationToken cancel)
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
        if (InterfacelessList.Matches(list))
            faults.Add(InterfacelessList.Text(list));
        faults.AddRange(IpamFaults(list));
        faults.AddRange(MasterInterfaces.Missing(list));
        return (list, faults);
    }

    private IEnumerable<string> Missing(NetworkList list)
    {
        var types = list.Plugins.Select(plugin => (plugin.Type, Role: "plugin"))
            .Concat(Ipams(list).Select(type => (Type: type, Role: "IPAM plugin")));
        return types.Distinct().Where(plugin => !runtime.Has(plugin.Type))
            .Select(plugin => plugin.Type.IsOfWindows
                ? $"the {plugin.Role} {plugin.Type} is for Windows and does not run on Linux"
                : $"the {plugin.Role} {plugin.Type} is not in {string.Join(", ", settings.PluginDirs)}, and is not built in: "
                    + "install it");
    }

    // The main plugin passes the list's version on to the IPAM plugin; nobody checks it before.
    private async Task AddIpamVersionsAsync(NetworkList list, List<string> faults, CancellationToken cancel)
    {
        foreach (var type in Ipams(list).Distinct())
        {
            var spoken = await runtime.VersionAsync(type, cancel);
            if (!spoken.Contains(list.CniVersion))
                faults.Add($"the IPAM plugin {type} does not support the list's version {list.CniVersion}; it supports "
                    + $"{string.Join(", ", spoken)}: lower the list's cniVersion");
        }
    }

    private static IEnumerable<string> IpamFaults(NetworkList list) =>
        from plugin in list.Plugins
        let fault = BuiltinInvoker.IpamFault(list, plugin)
        where fault is not null
        select $"the IPAM of {plugin.Type} ({plugin.IpamType}) cannot be used: {fault}";

    private static IEnumerable<PluginType> Ipams(NetworkList list) =>
        list.Plugins.Where(plugin => plugin.DelegatesIpam).Select(plugin => plugin.IpamType).OfType<PluginType>();
}
