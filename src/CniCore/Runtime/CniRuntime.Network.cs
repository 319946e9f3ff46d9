using CniCore.Cache;
using CniCore.Spec;
using AttachmentKey = (CniCore.Spec.ContainerId ContainerId, CniCore.Spec.InterfaceName IfName);

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    /// <summary>
    /// STATUS: whether ADD could succeed now. If the list or a plugin does not support 1.1.0, there is no STATUS, and the list counts as
    /// ready.
    /// </summary>
    /// <exception cref="CniConfigException">The plugins have no version in common. The message names them.</exception>
    /// <exception cref="CniPluginException">A plugin is not ready; code 50 or 51 is the plugin's own.</exception>
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
            // A plugin that does not support the version rejects STATUS in one of many ways.
            if (CniVersions.Allows((await NegotiateAsync(list, cancel)).CniVersion, CniCommand.Status))
                throw;
        }
    }

    /// <summary>
    /// GC: runs DEL for every stored attachment of the network that is not valid, then GC of each plugin. Executables support GC from 1.1.0
    /// on; built-ins do it for any list. Everything is tried, then the failures are thrown.
    /// </summary>
    /// <remarks>
    /// Each DEL takes the container's lock. GC of the plugins runs alone on the network. An attachment that was added after this call
    /// started is always valid.
    /// </remarks>
    /// <param name="list">The network.</param>
    /// <param name="valid">Returns the valid attachments. It is called again after each lock is taken, since the answer may have changed.
    /// Null: none is valid, as with cnitool.</param>
    /// <param name="cancel">Cancels the wait for locks, and plugins.</param>
    /// <exception cref="CniTeardownException">A DEL or a plugin's GC failed.</exception>
    public async Task CollectGarbageAsync(NetworkList list, Func<IReadOnlyCollection<AttachmentKey>>? valid, CancellationToken cancel)
    {
        if (list.DisableGc)
            return;
        list = WithAdmission(list);
        var there = Of(list).ToHashSet(); // not by time: the clock may be set meanwhile
        var faults = new List<Exception>();
        foreach (var key in Garbage(list, valid, there).ToList())
        {
            using var held = await locks.ForAttachmentAsync(key.ContainerId, list.Name, cancel);
            if (Find(list.Name, key.ContainerId, key.IfName) is not { } attachment || !Garbage(list, valid, there).Contains(key))
                continue; // deleted or added again meanwhile
            try
            {
                await teardown.RunAsync(attachment, isStored: true, DelNamespaces.From(attachment.NetNs, attachment), cancel);
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

    // The time distinguishes a container that was attached again: its key is the same.
    private IEnumerable<(AttachmentKey Key, DateTimeOffset CreatedAt)> Of(NetworkList list) =>
        store.All().Where(attachment => attachment.Network == list.Name.ToString())
            .Select(attachment => (KeyOf(attachment), attachment.CreatedAt));

    private static AttachmentKey KeyOf(Attachment attachment) =>
        new(ContainerId.Parse(attachment.ContainerId), InterfaceName.Parse(attachment.IfName));

    /// <summary>Whether there is such a plugin, an executable or a built-in. Does not run it.</summary>
    public bool Has(PluginType plugin) => chain.Has(plugin);

    /// <summary>VERSION: the versions of the spec that a plugin supports, in its order.</summary>
    /// <exception cref="CniPluginException">The plugin is missing, or its answer is unusable.</exception>
    public async Task<IReadOnlyList<string>> VersionAsync(PluginType plugin, CancellationToken cancel) =>
        (await chain.VersionAsync(plugin, prefersBuiltins: false, cancel)).Supported ?? [];

    /// <summary>The plugin types of the list, IPAM included, that ADD would run as built-ins.</summary>
    public IReadOnlyList<string> BuiltinsFor(NetworkList list) => chain.BuiltinsFor(list);

    /// <summary>Whether ADD would run all plugins of the list, apart from IPAM, as built-ins.</summary>
    public bool PerformsAll(NetworkList list)
    {
        var builtins = chain.BuiltinsFor(list);
        return list.Plugins.All(plugin => builtins.Contains(plugin.Type.ToString()));
    }

    /// <summary>Asks each plugin for its versions, and chooses the newest that the list and all plugins support.</summary>
    /// <exception cref="CniConfigException">There is none. The message names the plugin and the versions of both sides.</exception>
    /// <exception cref="CniPluginException">A plugin is missing, or its answer is unusable.</exception>
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
