using CniCore.Cache;
using CniCore.Spec;
using AttachmentKey = (CniCore.Spec.ContainerId ContainerId, CniCore.Spec.InterfaceName IfName);

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    /// <summary>
    /// STATUS: whether an ADD could succeed now. Where the list and all its plugins do not know 1.1.0 there is no STATUS, and they are
    /// taken to be ready.
    /// </summary>
    /// <exception cref="CniConfigException">They know no version that all speak; names it.</exception>
    /// <exception cref="CniPluginException">The first plugin that is not; its code 50 or 51 is kept.</exception>
    public async Task StatusAsync(NetworkList list, CancellationToken cancel)
    {
        if (!CniVersions.Allows(list.CniVersion, CniCommand.Status))
            return;
        try
        {
            await chain.StatusAsync(list, cancel);
        }
        catch (CniPluginException fault)
            when (fault.Code is not (CniErrorCode.NotAvailable or CniErrorCode.NotAvailableLimitedConnectivity))
        {
            // A plugin that does not know the version does not know STATUS, and says so in many ways.
            if (CniVersions.Allows((await NegotiateAsync(list, cancel)).CniVersion, CniCommand.Status))
                throw;
        }
    }

    /// <summary>
    /// GC: DEL for every stored attachment of the network that is not among the valid ones, then GC for each plugin: executables know it
    /// from 1.1.0 on, built-ins do it for any list. Everything is tried; what failed is thrown at the end.
    /// </summary>
    /// <remarks>
    /// Each DEL takes the container's lock, as any does; the plugins' GC runs alone on the network. An attachment that began after this
    /// call is valid whatever <paramref name="valid"/> says.
    /// </remarks>
    /// <param name="list">The network.</param>
    /// <param name="valid">Says what is valid. Asked whenever a lock has been taken: what it said before may have changed. Null leaves
    /// none valid, as cnitool does.</param>
    /// <param name="cancel">Ends the wait for locks and plugins.</param>
    /// <exception cref="CniTeardownException">Something failed.</exception>
    public async Task CollectGarbageAsync(NetworkList list, Func<IReadOnlyCollection<AttachmentKey>>? valid, CancellationToken cancel)
    {
        if (list.DisableGc)
            return;
        list = WithAdmission(list);
        var there = Of(list).ToHashSet(); // not by the clock, which can be set meanwhile
        var faults = new List<Exception>();
        foreach (var key in Garbage(list, valid, there).ToList())
        {
            using var held = await locks.ForAttachmentAsync(key.ContainerId, list.Name, cancel);
            if (Find(list.Name, key.ContainerId, key.IfName) is not { } attachment || !Garbage(list, valid, there).Contains(key))
                continue; // deleted, or attached anew, while this waited for the lock
            try
            {
                await teardown.RunAsync(attachment, isStored: true, DelPlaces.From(attachment.NetNs, attachment), cancel);
            }
            catch (CniException fault)
            {
                faults.Add(fault);
            }
        }
        using (await locks.ForGcAsync(list.Name, cancel))
        {
            store.RemoveUnfinished();
            var later = Of(list).Except(there).Select(entry => entry.Key);
            List<AttachmentKey> left = [.. later.Union(valid?.Invoke() ?? [])];
            faults.AddRange(await chain.CollectGarbageAsync(list, valid is null && left.Count == 0 ? null : left, cancel));
        }
        if (faults.Count > 0)
            throw new CniTeardownException(faults);
    }

    private IEnumerable<AttachmentKey> Garbage(
        NetworkList list, Func<IReadOnlyCollection<AttachmentKey>>? valid, HashSet<(AttachmentKey Key, DateTimeOffset CreatedAt)> there)
    {
        var kept = valid?.Invoke().ToHashSet() ?? [];
        return Of(list).Where(there.Contains).Select(entry => entry.Key).Where(key => !kept.Contains(key));
    }

    // With the moment: a container that is attached anew has the same key.
    private IEnumerable<(AttachmentKey Key, DateTimeOffset CreatedAt)> Of(NetworkList list) =>
        store.All().Where(attachment => attachment.Network == list.Name.ToString())
            .Select(attachment => (KeyOf(attachment), attachment.CreatedAt));

    private static AttachmentKey KeyOf(Attachment attachment) =>
        new(ContainerId.Parse(attachment.ContainerId), InterfaceName.Parse(attachment.IfName));

    /// <summary>Whether there is such a plugin, an executable or a built-in. Says so without running it.</summary>
    public bool Has(PluginType plugin) => chain.Has(plugin);

    /// <summary>VERSION: the versions of the spec that a plugin supports, in its order.</summary>
    /// <exception cref="CniPluginException">It is not there, or gives no usable answer.</exception>
    public async Task<IReadOnlyList<string>> VersionAsync(PluginType plugin, CancellationToken cancel) =>
        (await chain.VersionAsync(plugin, prefersBuiltins: false, cancel)).Supported ?? [];

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
                $"plugin {plugin} does not speak version {string.Join(" or ", common)} of the list {list.Name}; it speaks "
                + $"{string.Join(", ", spoken)}: install a plugin that does, or lower the list's cniVersion");
        }
        return list.AtVersion(common[^1]);
    }
}
