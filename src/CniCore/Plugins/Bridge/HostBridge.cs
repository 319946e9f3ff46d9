using System.Security.Cryptography;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The bridge itself, on the host: made by the first attachment unless somebody has, shared by all.</summary>
internal static class HostBridge
{
    private const string Alias = "made by cnid"; // for who looks at it; it proves nothing
    private const int EEXIST = 17;

    /// <summary>Finds or makes it, and sets it up.</summary>
    /// <exception cref="CniPluginException">Something else has the name.</exception>
    public static Link Ensure(RouteSocket host, BridgeSettings settings)
    {
        var config = settings.Config;
        var record = BridgeRecords.Find(settings.Name);
        var bridge = host.FindLink(settings.Name) is { } known && record?.IsUnfinished(known) != true ? known : Make(host, settings);
        if (bridge.Kind != "bridge")
            throw new CniPluginException(CniErrorCode.Internal, $"\"{settings.Name}\" already exists but is not a bridge");
        if (record is not { Made: true } && record?.KeepsMac != true)
            KeepMac(host, bridge);
        if (!bridge.IsUp || config is { PromiscMode: true } && !bridge.IsPromiscuous)
            Change(bridge, foreign =>
                foreign with { WasDown = foreign.WasDown || !bridge.IsUp, WasNotPromiscuous = foreign.WasNotPromiscuous
                    || config.PromiscMode && !bridge.IsPromiscuous });
        if (config.PromiscMode)
            host.SetPromiscuous(bridge.Index, true);
        if (!bridge.IsUp)
            host.SetUp(bridge.Index);
        return bridge;
    }

    /// <summary>Whether cnid made it.</summary>
    public static bool IsOwn(Link bridge) => BridgeRecords.Find(bridge.Name) is { Made: true } record && record.Describes(bridge);

    /// <summary>Notes what is about to be done to somebody else's bridge; one of cnid's own needs no note.</summary>
    public static void Change(Link bridge, Func<BridgeRecord, BridgeRecord> note)
    {
        using var alone = BridgeRecords.Lock();
        var record = BridgeRecords.Find(bridge.Name) is { } known
            && known.Describes(bridge) ? known : new BridgeRecord { Index = bridge.Index };
        if (!record.Made && note(record) is var changed && changed != record)
            BridgeRecords.Save(bridge.Name, changed);
    }

    /// <summary>
    /// The network needs it no more. One that cnid made is removed, if it has no port; from somebody else's goes what cnid has added for
    /// the network, and what was there stays.
    /// </summary>
    /// <returns>How many ports it still has, where it had to stay for them.</returns>
    public static int Release(RouteSocket host, string name, string network, bool isOwn = false)
    {
        using var alone = BridgeRecords.Lock();
        var record = BridgeRecords.Find(name);
        var bridge = host.FindLink(name);
        // One of its own without a record of its making may have one of what was done to it since, as to somebody else's.
        if (bridge?.Kind == "bridge" && (isOwn || (record is { Made: true } && record.Describes(bridge))))
        {
            var ports = host.Links().Count(link => link.MasterIndex == bridge.Index);
            if (ports > 0)
                return ports;
            host.DeleteLink(bridge.Index);
        }
        else if (bridge is not null && record?.Describes(bridge) == true
            && ForeignBridge.Release(host, bridge, record, network) is { } remaining)
        {
            BridgeRecords.Save(name, remaining);
            return 0;
        }
        if (record is not null)
            BridgeRecords.Delete(name);
        return 0;
    }

    // One without ports would take the first one's MAC; where it has some, cnid's have a higher one and change nothing.
    private static void KeepMac(RouteSocket host, Link bridge)
    {
        if (IsOwn(bridge))
            return;
        Change(bridge, foreign => foreign with { KeepsMac = true });
        if (host.Links().All(link => link.MasterIndex != bridge.Index))
            host.SetMac(bridge.Index, bridge.Mac);
    }

    private static Link Make(RouteSocket host, BridgeSettings settings)
    {
        var name = settings.Name;
        using var alone = BridgeRecords.Lock();
        var record = BridgeRecords.Find(name);
        var bridge = host.FindLink(name);
        if (bridge is not null && record?.IsUnfinished(bridge) != true)
            return bridge; // another attachment was quicker, or an administrator
        if (bridge is null)
        {
            record = new() { Made = true, Token = RandomNumberGenerator.GetInt32(1, int.MaxValue) };
            BridgeRecords.Save(name, record);
            bridge = Create(host, settings, record.Token);
            if (bridge.Group != record.Token)
            {
                BridgeRecords.Delete(name);
                return bridge;
            }
        }
        record = record! with { Index = bridge.Index };
        BridgeRecords.Save(name, record);
        host.SetAlias(bridge.Index, Alias); // and no group
        host.SetMac(bridge.Index, bridge.Mac); // else it takes its ports' lowest one, and changes with them
        Sysctl.WriteIfThere($"net/ipv6/conf/{name}/accept_ra", "0");
        host.SetUp(bridge.Index);
        BridgeRecords.Save(name, record with { Token = 0 });
        return bridge;
    }

    private static Link Create(RouteSocket host, BridgeSettings settings, int token)
    {
        try
        {
            host.CreateBridge(settings.Name, settings.Mtu, settings.FiltersVlans, token);
        }
        catch (NetlinkException fault) when (fault.Errno == EEXIST)
        {
            // An administrator was quicker.
        }
        return host.FindLink(settings.Name)
            ?? throw new CniPluginException(CniErrorCode.Internal, $"the bridge {settings.Name} was removed while it was made");
    }
}
