namespace CniCore.Firewall;

/// <summary>The ports in <see cref="PortTable"/>. The ports of single addresses are read once, for a whole range of ports.</summary>
internal sealed class PortsInUse(RuleTable table)
{
    private readonly Dictionary<string, ILookup<(string, int), RuleElement>> onOneAddress = new(StringComparer.Ordinal);

    /// <summary>The element with that key; null for none.</summary>
    public RuleElement? Find(string set, string key) => table.Find(set, key);

    /// <summary>The elements that map the port of single addresses. <paramref name="family"/>: <c>4</c> or <c>6</c>.</summary>
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
