using CniCore.Cache;
using CniCore.Spec;

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    // To write a file takes milliseconds.
    private static readonly TimeSpan UnfinishedAge = TimeSpan.FromMinutes(10);

    /// <summary>STATUS: whether an ADD could succeed now. Lists before 1.1.0 know no STATUS and are taken to be ready.</summary>
    /// <exception cref="CniPluginException">The first plugin that is not; its code 50 or 51 is kept.</exception>
    public async Task StatusAsync(NetworkList list, CancellationToken cancel)
    {
        if (CniVersions.Allows(list.CniVersion, CniCommand.Status))
            await chain.StatusAsync(list, cancel);
    }

    /// <summary>
    /// GC: DEL for every stored attachment of the network that is not among the valid ones, then GC for each plugin: executables know it from 1.1.0 on, built-ins do it for any list.
    /// Null leaves none valid, as cnitool does. Everything is tried; what failed is thrown at the end.
    /// </summary>
    /// <exception cref="CniTeardownException">Something failed.</exception>
    public async Task CollectGarbageAsync(NetworkList list, IReadOnlyCollection<AttachmentKey>? valid, CancellationToken cancel)
    {
        if (list.DisableGc)
            return;
        using var held = await locks.ForGcAsync(list.Name, cancel);
        store.RemoveUnfinished(clock.GetUtcNow() - UnfinishedAge);
        var faults = new List<Exception>();
        foreach (var attachment in store.All().Where(one => one.Network == list.Name.ToString() && !IsValid(one)))
        {
            try
            {
                await DeleteStoredAsync(attachment, isStored: true, cancel);
            }
            catch (CniException fault)
            {
                faults.Add(fault);
            }
        }
        faults.AddRange(await chain.CollectGarbageAsync(list, valid, cancel));
        if (faults.Count > 0)
            throw new CniTeardownException(faults);

        bool IsValid(Attachment one) => valid?.Any(key => key.ContainerId.ToString() == one.ContainerId && key.IfName.ToString() == one.IfName) == true;
    }

    /// <summary>Whether there is such a plugin, an executable or a built-in. Says so without running it.</summary>
    public bool Has(PluginType plugin) => chain.Has(plugin);

    /// <summary>VERSION: what a plugin speaks.</summary>
    /// <exception cref="CniPluginException">It is not there, or gives no usable answer.</exception>
    public Task<PluginVersions> VersionAsync(PluginType plugin, CancellationToken cancel) => chain.VersionAsync(plugin, prefersBuiltins: false, cancel);

    /// <summary>The types of the list, IPAM's included, that an ADD would perform in this process.</summary>
    public IReadOnlyList<string> BuiltinsFor(NetworkList list) => chain.BuiltinsFor(list);

    /// <summary>Whether all plugins of the list, IPAM apart, would be performed in this process.</summary>
    public bool PerformsAll(NetworkList list)
    {
        var builtins = chain.BuiltinsFor(list);
        return list.Plugins.All(plugin => builtins.Contains(plugin.Type.ToString()));
    }

    /// <summary>Asks each plugin of the list its versions and settles on the newest that the list and all of them know.</summary>
    /// <exception cref="CniConfigException">There is none; names the plugin, and both sides' versions.</exception>
    /// <exception cref="CniPluginException">A plugin is not there, or gives no usable answer.</exception>
    public async Task<NetworkList> NegotiateAsync(NetworkList list, CancellationToken cancel)
    {
        List<string> common = [.. list.CniVersions];
        foreach (var plugin in list.Plugins.Select(plugin => plugin.Type).Distinct())
        {
            var spoken = (await chain.VersionAsync(plugin, list.PrefersBuiltins, cancel)).Supported ?? [];
            var left = common.Where(spoken.Contains).ToList();
            common = left.Count > 0 ? left : throw new CniConfigException(
                $"plugin {plugin} does not speak version {string.Join(" or ", common)} of the list {list.Name}; it speaks {string.Join(", ", spoken)}: install a plugin that does, or lower the list's cniVersion");
        }
        return list with { CniVersion = common[^1], CniVersions = common };
    }
}
