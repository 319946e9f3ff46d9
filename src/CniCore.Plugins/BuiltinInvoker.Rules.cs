using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Firewall;
using CniCore.Runtime;
using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>The rules of the built-ins: looked for, and written again.</summary>
public sealed partial class BuiltinInvoker
{
    IReadOnlyList<IReadOnlyList<MissingRule>> IRuleKeeper.Missing(IReadOnlyList<IReadOnlyList<PluginCall>> calls)
    {
        var found = new RuleSnapshot(firewall.Host);
        return [.. calls.Select(ofOne => (IReadOnlyList<MissingRule>)[.. ofOne.Where(IsBuiltin).SelectMany(call => Missing(call, found))])];
    }

    IReadOnlyList<MissingRule> IRuleKeeper.Damaged() =>
        [.. firewall.SharedTables.SelectMany(table => table.Damage().Select(line => new MissingRule(table.Name, line)))];

    void IRuleKeeper.Repair(IReadOnlyCollection<MissingRule> damage)
    {
        foreach (var table in firewall.SharedTables.Where(table => damage.Any(rule => rule.Place == table.Name)))
            Try(table.Name, table.Repair);
    }

    void IRuleKeeper.Restore(PluginCall call)
    {
        if (IsBuiltin(call))
            Try($"built-in {call.Plugin}", () => plugins[call.Plugin.ToString()].RestoreRules(BuiltinCall.Of(call, this, firewall)));
    }

    void IRuleKeeper.RemoveStray(Func<IEnumerable<(string Network, string ContainerId, string IfName)>> attachments) =>
        Try("rules of earlier attachments", () => FirewallPlugin.RemoveStray(firewall, () => IdentitiesOf(attachments())));

    void IRuleKeeper.RemoveWithoutPort(Func<IEnumerable<(string Network, string ContainerId, string IfName)>> attachments) =>
        Try("rules of ports that are gone", () =>
        {
            firewall.MacSpoof.RemoveWithoutPort(() => IdentitiesOf(attachments()));
            firewall.Routers.RemoveWithoutPort(() => IdentitiesOf(attachments()));
        });

    private static HashSet<string> IdentitiesOf(IEnumerable<(string Network, string ContainerId, string IfName)> attachments) =>
        attachments.Select(one => new AttachmentTag(one.Network, one.ContainerId, one.IfName).Identity).ToHashSet(StringComparer.Ordinal);

    private static void Try(string what, Action work)
    {
        try
        {
            work();
        }
        catch (Exception fault) when (fault is LinuxException or NftablesException or IOException or UnauthorizedAccessException)
        {
            throw new CniPluginException(CniErrorCode.Internal,
                $"{what}: its rules could not be written again: {fault.Message}", inner: fault);
        }
    }

    private bool IsBuiltin(PluginCall call) =>
        call.Builtins.Contains(call.Plugin.ToString()) && plugins.ContainsKey(call.Plugin.ToString());

    private List<MissingRule> Missing(PluginCall call, RuleSnapshot found)
    {
        try
        {
            var parsed = BuiltinCall.Of(call, this, firewall);
            return plugins[call.Plugin.ToString()].PolicyOf(parsed) is { } policy
                ? [.. found.Missing(WantedRules.Of(parsed.Tag, policy))]
                : [];
        }
        catch (Exception fault) when (fault is CniException or FormatException)
        {
            return []; // an invalid configuration, which ADD refuses, has no rules
        }
    }
}
