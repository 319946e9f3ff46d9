using System.Text;
using CniCore.Firewall;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// The firewall plugin (plugins/meta/firewall). <see cref="MemberTable"/> records which attachment uses which selector, and only drops
/// packets; <see cref="ForwardChains"/> accepts packets, in iptables, while an attachment uses the selector. The table is written first and
/// cleared last, so that after a kill at any point DEL finds what to undo.
/// </summary>
/// <param name="isImplied">
/// The plugin is in no list: the runtime adds it to lists without a firewall plugin (<see cref="PluginType.Admission"/>).
/// </param>
internal sealed class FirewallPlugin(bool isImplied = false) : BuiltinPlugin
{
    // For the first and the last user of a selector, in this process and others.
    private const string LockFile = "/run/cnid/firewall.lock";

    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var (config, result) = (isImplied ? FirewallConfig.Implied : FirewallConfig.Of(call), ResultOf(call));
        var policy = PolicyOf(call, config, result);
        if (policy.Traffic.Count == 0)
            return Task.FromResult(result);
        using var held = FileLock.Take(LockFile);
        try
        {
            Write(call, config, result, policy);
            return Task.FromResult(result);
        }
        catch
        {
            End(call, config, policy.Traffic);
            throw;
        }
    }

    public override FirewallPolicy? PolicyOf(BuiltinCall call) => PolicyOf(call, ConfigOf(call), ResultOf(call));

    public override void RestoreRules(BuiltinCall call)
    {
        var (config, result) = (ConfigOf(call), ResultOf(call));
        var policy = PolicyOf(call, config, result);
        if (policy.Traffic.Count == 0)
            return;
        using var held = FileLock.Take(LockFile);
        // A bridge that was deleted makes the host's end of its attachment's pair the selector: DEL will look for that one only.
        List<TrafficSelector> former = [.. call.Firewall.Members.SelectorsOf(call.Tag.Owns).Except(policy.Traffic)];
        if (former.Count > 0)
            Leave(call, former, former);
        Write(call, config, result, policy);
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var held = FileLock.Take(LockFile);
        End(call, ConfigOf(call), call.Firewall.Members.SelectorsOf(call.Tag, [.. TrafficOf(call).Union(InterfacesOf(call))]));
        return Task.CompletedTask;
    }

    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var (config, result) = (isImplied ? FirewallConfig.Implied : FirewallConfig.Of(call), ResultOf(call));
        var policy = PolicyOf(call, config, result);
        if (policy.Traffic.Count == 0)
            return Task.CompletedTask;
        if (call.Firewall.Members.SelectorsOf(call.Tag, policy.Traffic).Count < policy.Traffic.Count)
            throw new CniPluginException(CniErrorCode.Internal, $"the attachment is missing in table {call.Firewall.Members.Table.Name}");
        if (Firewalld.Serves(call.Host, config))
            Firewalld.ThrowIfOutside(call.Host, config.Zone, result.Ips);
        call.Firewall.ForwardChains.ThrowIfMissing(policy);
        return Task.CompletedTask;
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        var (valid, members) = (call.ValidIdentities(), call.Firewall.Members);
        bool IsStale(string comment) => AttachmentTag.IsStale(comment, call.Network, valid);
        using var held = FileLock.Take(LockFile);
        Close(call.Firewall, [.. members.SelectorsOf(IsStale), .. call.Firewall.ForwardChains.Selectors()], IsStale);
        members.Remove(IsStale);
        return Task.CompletedTask;
    }

    public override Task StatusAsync(BuiltinCall call, CancellationToken cancel)
    {
        call.Firewall.ThrowIfUnavailable();
        return Task.CompletedTask;
    }

    /// <summary>Removes what the runtime has admitted for attachments that it does not have.</summary>
    /// <param name="firewall">The host's firewall.</param>
    /// <param name="identities">Reads the identities of its attachments: under the lock, since ADD stores an attachment before it admits
    /// it.</param>
    public static void RemoveStray(HostFirewall firewall, Func<IReadOnlySet<string>> identities)
    {
        if (!firewall.Members.Table.Exists())
            return;
        using var held = FileLock.Take(LockFile);
        var known = identities();
        bool IsStray(string comment) => AttachmentTag.IsStrayAdmission(comment, known);
        if (firewall.Members.SelectorsOf(IsStray) is not { Count: > 0 } selectors)
            return;
        Close(firewall, selectors, IsStray);
        firewall.Members.Remove(IsStray);
    }

    private static void Write(BuiltinCall call, FirewallConfig config, CniResult result, FirewallPolicy policy)
    {
        call.Firewall.Members.Add(call.Tag, policy);
        if (Firewalld.Serves(call.Host, config))
            Firewalld.Join(call.Host, config.Zone, result.Ips);
        call.Firewall.ForwardChains.Add(policy); // even with firewalld, since Docker's policy is DROP
    }

    private void End(BuiltinCall call, FirewallConfig config, IReadOnlyList<TrafficSelector> entered)
    {
        if (Firewalld.Serves(call.Host, config) && call.PrevResult is { } result)
            Firewalld.Leave(call.Host, config.Zone, result.Ips);
        Leave(call, entered.Count > 0 ? entered : Unentered(call), entered);
    }

    // A flush may have removed the table but not iptables' chain. Without a result, all selectors of the chain are checked.
    private IReadOnlyList<TrafficSelector> Unentered(BuiltinCall call) =>
        call.PrevResult is null ? call.Firewall.ForwardChains.Selectors() : TrafficOf(call);

    // The attachment's elements are removed at the selectors where it is entered; without any, they are searched for.
    private static void Leave(BuiltinCall call, IReadOnlyList<TrafficSelector> closing, IReadOnlyList<TrafficSelector> entered)
    {
        Close(call.Firewall, closing, call.Tag.Owns);
        call.Firewall.Members.Remove(call.Tag.Owns, () => entered.Select(selector => MemberTable.Member(call.Tag, selector)));
    }

    private static void Close(HostFirewall firewall, IReadOnlyList<TrafficSelector> selectors, Func<string, bool> leaves)
    {
        List<TrafficSelector> unused = [.. selectors.Distinct().Where(selector => !firewall.Members.IsUsed(selector, notBy: leaves))];
        if (unused.Count == 0)
            return;
        firewall.ForwardChains.Remove(unused);
        firewall.Members.Forget(unused);
    }

    private FirewallPolicy PolicyOf(BuiltinCall call, FirewallConfig config, CniResult result) =>
        call.Firewall.Traffic.Find(result, isImplied) with { AdminChain = config.AdminChain, Ingress = config.Ingress };

    private IReadOnlyList<TrafficSelector> TrafficOf(BuiltinCall call) =>
        call.PrevResult is { } result ? call.Firewall.Traffic.Find(result, isImplied).Traffic : [];

    // Where rules may have been restored meanwhile: both a bridge and its port, if it was deleted and made again.
    private static IEnumerable<TrafficSelector> InterfacesOf(BuiltinCall call) =>
        call.PrevResult?.Interfaces
            .Where(reported => string.IsNullOrEmpty(reported.Sandbox)
                && Encoding.UTF8.GetByteCount(reported.Name) is > 0 and <= InterfaceName.MaxBytes)
            .Select(reported => TrafficSelector.Of(reported.Name)) ?? [];

    private FirewallConfig ConfigOf(BuiltinCall call) =>
        isImplied ? FirewallConfig.Implied : FirewallConfig.Unchecked(call);

    private static CniResult ResultOf(BuiltinCall call) =>
        call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "missing prevResult from earlier plugin");
}
