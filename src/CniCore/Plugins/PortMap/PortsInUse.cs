using CniCore.Plugins.Rules;

namespace CniCore.Plugins.PortMap;

/// <summary>A look into <see cref="PortTable"/>. A range of ports reads the addresses that have ports of their own once.</summary>
internal sealed class PortsInUse
{
    private readonly Dictionary<string, ILookup<(string, int), RuleElement>> onOneAddress = new(StringComparer.Ordinal);

    /// <summary>Those that map the same port of single addresses. <paramref name="family"/>: <c>4</c> or <c>6</c>.</summary>
    public IEnumerable<RuleElement> OnOneAddress(string family, PortMapping mapping)
    {
        if (!onOneAddress.TryGetValue(family, out var found))
        {
            found = PortTable.Table.Elements("at" + family)
                .ToLookup(element => PortKey.Parse(element.Key) is var key ? (key.Protocol, key.Port) : default);
            onOneAddress[family] = found;
        }
        return found[(mapping.Protocol, mapping.HostPort)];
    }
}
