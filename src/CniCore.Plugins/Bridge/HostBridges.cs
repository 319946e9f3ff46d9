using System.Security.Cryptography;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The bridges of the host. Attachments share them; the first one creates a bridge unless it exists.</summary>
/// <param name="host">The host.</param>
/// <param name="routes">Its rtnetlink.</param>
internal sealed class HostBridges(HostNetwork host, RouteSocket routes)
{
    private const string Alias = "made by cnid"; // for people; it proves nothing
    private const int EEXIST = 17;
    private readonly BridgeRecords records = new(host);

    public RouteSocket Routes => routes;

    /// <summary>Finds or creates the bridge, and configures it.</summary>
    /// <exception cref="CniPluginException">The name belongs to something else.</exception>
    public Link Ensure(BridgeConfig config)
    {
        var fields = config.Fields;
        var record = records.Find(config.Name);
        var bridge = routes.FindLink(config.Name) is { } known && record?.IsUnfinished(known) != true ? known : Make(config);
        if (bridge.Kind != "bridge")
            throw new CniPluginException(CniErrorCode.Internal, $"\"{config.Name}\" already exists but is not a bridge");
        if (record is not { Made: true } && record?.KeepsMac != true)
            KeepMac(bridge);
        if (!bridge.IsUp || fields is { PromiscMode: true } && !bridge.IsPromiscuous)
            Change(bridge, foreign =>
                foreign with
                {
                    WasDown = foreign.WasDown || !bridge.IsUp,
                    WasNotPromiscuous = foreign.WasNotPromiscuous
                    || fields.PromiscMode && !bridge.IsPromiscuous
                });
        if (fields.PromiscMode)
            routes.SetPromiscuous(bridge.Index, true);
        if (!bridge.IsUp)
            routes.SetUp(bridge.Index);
        return bridge;
    }

    /// <summary>Whether cnid created it.</summary>
    public bool IsOwn(Link bridge) => records.IsOwn(bridge);

    /// <summary>Records a change to a bridge that cnid did not create. Its own need no record of changes.</summary>
    public void Change(Link bridge, Func<BridgeRecord, BridgeRecord> note)
    {
        using var alone = BridgeRecords.Lock();
        var record = records.Find(bridge.Name) is { } known
            && known.Describes(bridge) ? known : new BridgeRecord { Index = bridge.Index };
        if (!record.Made && note(record) is var changed && changed != record)
            records.Save(bridge.Name, changed);
    }

    /// <summary>
    /// A network no longer needs the bridge. If cnid created it, it is removed unless it has ports; otherwise the network's changes are
    /// undone.
    /// </summary>
    /// <returns>The number of its ports, if it stays because of them; else 0.</returns>
    public int Release(string name, string network, bool isOwn = false)
    {
        using var alone = BridgeRecords.Lock();
        var record = records.Find(name);
        var bridge = routes.FindLink(name);
        // A bridge without a record of its creation may have one of later changes, like a foreign one.
        if (bridge?.Kind == "bridge" && (isOwn || (record is { Made: true } && record.Describes(bridge))))
        {
            var ports = routes.Links().Count(link => link.MasterIndex == bridge.Index);
            if (ports > 0)
                return ports;
            routes.DeleteLink(bridge.Index);
        }
        else if (bridge is not null && record?.Describes(bridge) == true
            && ForeignBridge.Release(routes, bridge, record, network) is { } remaining)
        {
            records.Save(name, remaining);
            return 0;
        }
        if (record is not null)
            records.Delete(name);
        return 0;
    }

    // Without ports, it would take the first port's MAC. Ours are higher than others, and change nothing.
    private void KeepMac(Link bridge)
    {
        if (IsOwn(bridge))
            return;
        Change(bridge, foreign => foreign with { KeepsMac = true });
        if (routes.Links().All(link => link.MasterIndex != bridge.Index))
            routes.SetMac(bridge.Index, bridge.Mac);
    }

    private Link Make(BridgeConfig config)
    {
        var name = config.Name;
        using var alone = BridgeRecords.Lock();
        var record = records.Find(name);
        var bridge = routes.FindLink(name);
        if (bridge is not null && record?.IsUnfinished(bridge) != true)
            return bridge; // another attachment or an administrator was faster
        if (bridge is null)
        {
            record = new() { Made = true, Token = RandomNumberGenerator.GetInt32(1, int.MaxValue) };
            records.Save(name, record);
            bridge = Create(config, record.Token);
            if (bridge.Group != record.Token)
            {
                records.Delete(name);
                return bridge;
            }
        }
        record = record! with { Index = bridge.Index };
        records.Save(name, record);
        routes.SetAlias(bridge.Index, Alias); // and removes the group
        routes.SetMac(bridge.Index, bridge.Mac); // fixed: otherwise it would follow the lowest MAC of its ports
        host.Inside(() => Sysctl.WriteIfThere($"net/ipv6/conf/{name}/accept_ra", "0"));
        routes.SetUp(bridge.Index);
        records.Save(name, record with { Token = 0 });
        return bridge;
    }

    private Link Create(BridgeConfig config, int token)
    {
        try
        {
            routes.CreateBridge(config.Name, config.Mtu, config.FiltersVlans, token);
        }
        catch (NetlinkException fault) when (fault.Errno == EEXIST)
        {
            // An administrator was faster.
        }
        return routes.FindLink(config.Name)
            ?? throw new CniPluginException(CniErrorCode.Internal, $"the bridge {config.Name} was removed while it was made");
    }
}
