using System.Security.Cryptography;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The bridges themselves, on the host: made by the first attachment unless somebody has, shared by all.</summary>
/// <param name="host">The host.</param>
/// <param name="routes">Its rtnetlink.</param>
internal sealed class HostBridges(HostNetwork host, RouteSocket routes)
{
    private const string Alias = "made by cnid"; // for who looks at it; it proves nothing
    private const int EEXIST = 17;
    private readonly BridgeRecords records = new(host);

    public RouteSocket Routes => routes;

    /// <summary>Finds or makes it, and sets it up.</summary>
    /// <exception cref="CniPluginException">Something else has the name.</exception>
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
                foreign with { WasDown = foreign.WasDown || !bridge.IsUp, WasNotPromiscuous = foreign.WasNotPromiscuous
                    || fields.PromiscMode && !bridge.IsPromiscuous });
        if (fields.PromiscMode)
            routes.SetPromiscuous(bridge.Index, true);
        if (!bridge.IsUp)
            routes.SetUp(bridge.Index);
        return bridge;
    }

    /// <summary>Whether cnid made it.</summary>
    public bool IsOwn(Link bridge) => records.IsOwn(bridge);

    /// <summary>Notes what is about to be done to somebody else's bridge; one of cnid's own needs no note.</summary>
    public void Change(Link bridge, Func<BridgeRecord, BridgeRecord> note)
    {
        using var alone = BridgeRecords.Lock();
        var record = records.Find(bridge.Name) is { } known
            && known.Describes(bridge) ? known : new BridgeRecord { Index = bridge.Index };
        if (!record.Made && note(record) is var changed && changed != record)
            records.Save(bridge.Name, changed);
    }

    /// <summary>
    /// The network needs it no more. One that cnid made is removed, if it has no port; from somebody else's goes what cnid has added for
    /// the network, and what was there stays.
    /// </summary>
    /// <returns>How many ports it still has, where it had to stay for them.</returns>
    public int Release(string name, string network, bool isOwn = false)
    {
        using var alone = BridgeRecords.Lock();
        var record = records.Find(name);
        var bridge = routes.FindLink(name);
        // One of its own without a record of its making may have one of what was done to it since, as to somebody else's.
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

    // One without ports would take the first one's MAC; where it has some, cnid's have a higher one and change nothing.
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
            return bridge; // another attachment was quicker, or an administrator
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
        routes.SetAlias(bridge.Index, Alias); // and no group
        routes.SetMac(bridge.Index, bridge.Mac); // else it takes its ports' lowest one, and changes with them
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
            // An administrator was quicker.
        }
        return routes.FindLink(config.Name)
            ?? throw new CniPluginException(CniErrorCode.Internal, $"the bridge {config.Name} was removed while it was made");
    }
}
