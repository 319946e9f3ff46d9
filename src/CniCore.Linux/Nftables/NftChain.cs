using System.Collections;

namespace CniCore.Linux.Nftables;

/// <summary>
/// A chain and its rules, written as a list of lists:
/// <c>new NftChain("forward", new NftHook("filter", "forward", -5)) { { IifName.In("closed"), Drop }, { CtState("new"), Accept } }</c>.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="hook">The kernel's hook; null for a chain that rules jump to.</param>
public sealed class NftChain(string name, NftHook? hook = null) : IEnumerable<NftRule>
{
    private readonly List<NftRule> rules = [];

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>The kernel's hook; null for a chain that rules jump to.</summary>
    public NftHook? Hook { get; } = hook;

    /// <summary>The rules, in order.</summary>
    public IReadOnlyList<NftRule> Rules => rules;

    /// <summary>Appends a rule.</summary>
    public void Add(params NftStatement[] statements) => rules.Add(new(statements));

    /// <summary>Appends a rule with a comment.</summary>
    public void Add(string comment, params NftStatement[] statements) => rules.Add(new(statements, comment));

    /// <summary>Appends a rule.</summary>
    public void Add(NftRule rule) => rules.Add(rule);

    /// <inheritdoc/>
    public IEnumerator<NftRule> GetEnumerator() => rules.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
