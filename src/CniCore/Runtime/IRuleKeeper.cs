using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>
/// An invoker that knows the firewall rules of its plugins. They follow from the configuration and the result, so they can be compared with
/// the host and written again after a flush. Nobody knows the rules of executables.
/// </summary>
internal interface IRuleKeeper
{
    /// <summary>The missing rules of each attachment, in the order of <paramref name="calls"/>.</summary>
    /// <param name="calls">For each attachment, the CHECK calls of its plugins.</param>
    IReadOnlyList<IReadOnlyList<MissingRule>> Missing(IReadOnlyList<IReadOnlyList<PluginCall>> calls);

    /// <summary>What is missing from the tables that attachments share.</summary>
    IReadOnlyList<MissingRule> Damaged();

    /// <summary>Writes damaged shared tables again, with their elements.</summary>
    void Repair(IReadOnlyCollection<MissingRule> damage);

    /// <summary>Removes rules of attachments that ended without their DEL.</summary>
    /// <param name="attachments">Reads the runtime's attachments. What other runtimes wrote stays.</param>
    void RemoveStray(Func<IEnumerable<(string Network, string ContainerId, string IfName)>> attachments);

    /// <summary>Removes rules of bridge ports that are gone.</summary>
    /// <param name="attachments">Reads the runtime's attachments, whose DEL removes theirs.</param>
    void RemoveWithoutPort(Func<IEnumerable<(string Network, string ContainerId, string IfName)>> attachments);

    /// <summary>Writes the rules of one plugin of an attachment again. Idempotent.</summary>
    void Restore(PluginCall call);
}
