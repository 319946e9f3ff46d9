namespace CniCore.Firewall;

/// <summary>A look into <see cref="PortTable"/>. A range of ports reads the addresses that have ports of their own once.</summary>
internal sealed class PortsInUse(RuleTable table)
{
    private readonly Dictionary<string, ILookup<(string, int), RuleElement>> onOneAddress = new(StringComparer.Ordinal);

    /// <summary>The element at that key; null where there is none.</summary>
    public RuleElement? Find(string set, string key) => table.Find(set, key);

    /// <summary>Those that map the same port of single addresses. <paramref name="family"/>: <c>4</c> or <c>6</c>.</summary>
    public IEnumerable<RuleElement> OnOneAddress(string family, PublishedPort port)
    {
        if (!onOneAddress.TryGetValue(family, out var found))
        {
            found = table.Elements("at" + family)
                .ToLookup(element => PortKey.Parse(element.Key) is var key ? (key.Protocol, key.Port) : default);
            onOneAddress[family] = found;
        }
        return found[(port.Protocol, port.HostPort)];
    }
}
