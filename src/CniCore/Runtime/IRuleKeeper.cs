using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>
/// What an invoker can say of the rules that its plugins have written on the host: they are made from the configuration and the result
/// alone, so they can be looked for, and written again when somebody has flushed them. What an executable has written, nobody but it
/// knows.
/// </summary>
internal interface IRuleKeeper
{
    /// <summary>Which rules of these attachments are missing, by the place in the list.</summary>
    /// <param name="calls">For each attachment, its plugins' CHECKs.</param>
    IReadOnlyList<IReadOnlyList<MissingRule>> Missing(IReadOnlyList<IReadOnlyList<PluginCall>> calls);

    /// <summary>What is not as it should be in tables that attachments share.</summary>
    IReadOnlyList<MissingRule> Damaged();

    /// <summary>Writes the tables of such damage anew, with the elements that are in them.</summary>
    void Repair(IReadOnlyCollection<MissingRule> damage);

    /// <summary>Writes an attachment's rules of one plugin again. Right to repeat.</summary>
    void Restore(PluginCall call);
}
