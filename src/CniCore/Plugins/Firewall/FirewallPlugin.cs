using System.Net.Sockets;
using CniCore.Linux.Files;
using CniCore.Plugins.Rules;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>firewall: admits a container's packets, and keeps bridges or containers apart.</summary>
/// <remarks>
/// <see cref="FirewallTable"/> knows who passes where and only drops; <see cref="Admission"/> admits, in iptables, for a passage as long as
/// somebody uses it. The table is written first and cleared last, so after a kill anywhere DEL finds what there is to undo.
/// </remarks>
/// <param name="isImplied">
/// It stands in no list: the runtime has it perform for lists that have no such plugin (<see cref="PluginType.Admission"/>). Nothing is
/// configured, nobody but DOCKER-USER is asked, and only what crosses the host is admitted.
/// </param>
internal sealed class FirewallPlugin(bool isImplied = false) : BuiltinPlugin
{
    // Of first and last users of a passage, in this process and others.
    private const string LockFile = "/run/cnid/firewall.lock";

    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = ConfigOf(call).Checked();
        var result = ResultOf(call);
        var passages = PassagesOf(result);
        if (passages.Count == 0)
            return Task.FromResult(result);
        using var held = FileLock.Take(LockFile);
        try
        {
            Write(call, config, result, passages);
            return Task.FromResult(result);
        }
        catch
        {
            End(call, config, passages);
            throw;
        }
    }

    public override IEnumerable<MissingRule> MissingRules(BuiltinCall call, RuleSnapshot found)
    {
        var (config, result) = (ConfigOf(call), ResultOf(call));
        var passages = PassagesOf(result);
        if (passages.Count == 0)
            return [];
        var missing = found.Missing(FirewallTable.Table, FirewallTable.ElementsOf(call.Tag, config, passages));
        return missing.Concat(Admission.Missing(config.AdminChain, passages, FamiliesOf(result), found));
    }

    public override void RestoreRules(BuiltinCall call)
    {
        var (config, result) = (ConfigOf(call), ResultOf(call));
        var passages = PassagesOf(result);
        if (passages.Count == 0)
            return;
        using var held = FileLock.Take(LockFile);
        Write(call, config, result, passages);
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var held = FileLock.Take(LockFile);
        var config = ConfigOf(call);
        End(call, config, FirewallTable.PassagesOf(call.Tag, call.PrevResult is { } result ? PassagesOf(result) : []));
        return Task.CompletedTask;
    }

    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = ConfigOf(call).Checked();
        var result = ResultOf(call);
        var passages = PassagesOf(result);
        if (passages.Count == 0)
            return Task.CompletedTask;
        if (FirewallTable.PassagesOf(call.Tag, passages).Count < passages.Count)
            throw new CniPluginException(CniErrorCode.Internal, $"the attachment is missing in table {FirewallTable.Name}");
        if (Firewalld.Serves(config))
            Firewalld.ThrowIfOutside(config.Zone, result.Ips);
        Admission.ThrowIfClosed(config.AdminChain, passages, FamiliesOf(result));
        return Task.CompletedTask;
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        var valid = call.ValidIdentities();
        bool IsStale(string comment) => AttachmentTag.IsStale(comment, call.Network, valid);
        using var held = FileLock.Take(LockFile);
        Close([.. FirewallTable.PassagesOf(IsStale), .. Admission.Passages()], IsStale);
        FirewallTable.Remove(IsStale);
        return Task.CompletedTask;
    }

    public override Task StatusAsync(BuiltinCall call, CancellationToken cancel)
    {
        RuleTable.ThrowIfUnavailable();
        return Task.CompletedTask;
    }

    private static void Write(BuiltinCall call, FirewallConfig config, CniResult result, IReadOnlyList<Passage> passages)
    {
        FirewallTable.Add(call.Tag, config, passages);
        if (Firewalld.Serves(config))
            Firewalld.Join(config.Zone, result.Ips);
        Admission.Open(config.AdminChain, passages, FamiliesOf(result)); // beside firewalld's table stands Docker's policy of DROP
    }

    // A flush may have taken the table along and left iptables' chain; without a result, all of it is looked through.
    private void End(BuiltinCall call, FirewallConfig config, IReadOnlyList<Passage> passages)
    {
        if (Firewalld.Serves(config) && call.PrevResult is { } result)
            Firewalld.Leave(config.Zone, result.Ips);
        Close(passages.Count > 0 ? passages : call.PrevResult is { } known ? PassagesOf(known) : Admission.Passages(), call.Tag.Owns);
        FirewallTable.Remove(call.Tag.Owns, () => passages.Select(passage => FirewallTable.Member(call.Tag, passage)));
    }

    private static void Close(IReadOnlyList<Passage> passages, Func<string, bool> leaves)
    {
        List<Passage> unused = [.. passages.Distinct().Where(passage => !FirewallTable.IsUsed(passage, notBy: leaves))];
        if (unused.Count == 0)
            return;
        Admission.Close(unused);
        FirewallTable.Forget(unused);
    }

    private IReadOnlyList<Passage> PassagesOf(CniResult result) => Passage.Of(result, isImplied);

    private FirewallConfig ConfigOf(BuiltinCall call) =>
        isImplied ? FirewallConfig.Implied : call.Read(FirewallJson.Default.FirewallConfig);

    private static HashSet<AddressFamily> FamiliesOf(CniResult result) => [.. result.Ips.Select(ip => ip.Address.Address.AddressFamily)];

    private static CniResult ResultOf(BuiltinCall call) =>
        call.PrevResult ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "missing prevResult from earlier plugin");
}
