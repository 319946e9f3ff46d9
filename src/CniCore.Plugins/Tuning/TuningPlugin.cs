using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Tuning;

/// <summary>
/// Sets sysctls of the container's namespace, and settings of the interface that earlier plugins created (plugins/meta/tuning). DEL
/// restores the interface from a file; sysctls are gone with the namespace.
/// </summary>
internal sealed class TuningPlugin(string allowlist = TuningAllowlist.DefaultPath) : BuiltinPlugin
{
    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = TuningConfig.Of(call);
        var sysctls = config.Sysctls();
        new TuningAllowlist(allowlist).Check(sysctls.Keys);
        var result = call.PrevResult ?? throw MissingResult();
        var tuning = config.LinkFor(call);
        var written = new TuningSysctls(sysctls, call.IfName);

        using var netns = ContainerNamespace.Open(call);
        written.Apply(netns);
        try
        {
            if (!tuning.IsEmpty)
                Tune(call, netns, tuning, new(config.Folder));
        }
        catch
        {
            written.Undo(netns);
            throw;
        }
        return Task.FromResult(tuning.Mac is null ? result : result with
        {
            Interfaces = [.. result.Interfaces.Select(link => link.Name == call.IfName ? link with { Mac = tuning.Mac } : link)],
        });
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        var backups = new TuningBackups(TuningConfig.Of(call).Folder);
        using var netns = ContainerNamespace.Find(call);
        if (netns is not null && backups.Find(call.ContainerId, call.IfName) is { } backup)
        {
            using var inside = RouteSocket.OpenIn(netns);
            if (inside.FindLink(call.IfName) is { } link)
                backup.ToTuning().Restore(inside, link.Index);
        }
        backups.Delete(call.ContainerId, call.IfName);
        return Task.CompletedTask;
    }

    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = TuningConfig.Of(call);
        if (call.PrevResult is null)
            throw MissingResult();
        using var netns = ContainerNamespace.Open(call);
        new TuningSysctls(config.Sysctls(), call.IfName).Check(netns);
        using var inside = RouteSocket.OpenIn(netns);
        var link = Find(inside, call);
        var wanted = config.LinkFor(call);
        var found = wanted.Of(link, SettingsOf(inside, link));
        if (found != wanted)
            throw new CniPluginException(CniErrorCode.Internal,
                $"{call.IfName} is not as it was tuned: {Show(found)} instead of {Show(wanted)}");
        return Task.CompletedTask;
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        new TuningBackups(TuningConfig.Of(call).Folder).DeleteAllBut(call.Network, call.Valid);
        return Task.CompletedTask;
    }

    private static void Tune(BuiltinCall call, NetworkNamespace netns, LinkTuning tuning, TuningBackups backups)
    {
        using var inside = RouteSocket.OpenIn(netns);
        var link = Find(inside, call);
        var before = tuning.Of(link, SettingsOf(inside, link));
        backups.Save(call.ContainerId, call.IfName, TuningBackup.Of(before, call.Network));
        try
        {
            tuning.Apply(inside, link.Index);
        }
        catch
        {
            before.Restore(inside, link.Index);
            backups.Delete(call.ContainerId, call.IfName);
            throw;
        }
    }

    private static Link Find(RouteSocket inside, BuiltinCall call) =>
        inside.FindLink(call.IfName) ?? throw new CniPluginException(CniErrorCode.Internal, $"Cannot find container link {call.IfName}");

    private static LinkSettings SettingsOf(RouteSocket inside, Link link) =>
        inside.FindSettings(link.Index) ?? throw new CniPluginException(CniErrorCode.Internal, $"Cannot find container link {link.Name}");

    private static string Show(LinkTuning tuning) =>
        $"mac {tuning.Mac ?? "any"}, promisc {Show(tuning.Promisc)}, mtu {Show(tuning.Mtu)}, allmulti {Show(tuning.AllMulti)}, txQLen "
        + $"{Show(tuning.TxQueueLength)}";

    private static string Show<T>(T? value) where T : struct => value?.ToString() ?? "any";

    private static CniPluginException MissingResult() => new(CniErrorCode.InvalidConfig, "Required prevResult missing");
}
