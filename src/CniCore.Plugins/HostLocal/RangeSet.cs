namespace CniCore.Plugins.HostLocal;

/// <summary>Ranges of one family. An attachment gets one address of the set.</summary>
internal sealed class RangeSet
{
    private readonly List<AddressRange> ranges;

    private RangeSet(List<AddressRange> ranges) => this.ranges = ranges;

    public bool IsIPv4 => ranges[0].First.Bits == 32;

    /// <exception cref="FormatException">The set is empty, or its ranges do not fit together.</exception>
    public static RangeSet Of(IReadOnlyList<RangeFields>? fields)
    {
        var ranges = (fields ?? []).Select(AddressRange.Of).ToList();
        if (ranges.Count == 0)
            throw new FormatException("empty range set");
        if (ranges.Any(range => range.First.Family != ranges[0].First.Family))
            throw new FormatException("mixed address families");
        for (var i = 0; i < ranges.Count; i++)
        {
            if (ranges.Skip(i + 1).FirstOrDefault(ranges[i].Overlaps) is { } other)
                throw new FormatException($"subnets {ranges[i]} and {other} overlap");
        }
        return new(ranges);
    }

    public bool Contains(AddressNumber address) => ranges.Exists(range => range.Contains(address));

    /// <summary>The range of an address of the set.</summary>
    public AddressRange RangeOf(AddressNumber address) => ranges.First(range => range.Contains(address));

    public bool Overlaps(RangeSet other) => ranges.Exists(range => other.ranges.Exists(range.Overlaps));

    /// <summary>
    /// All addresses of the set, cyclically from the one after <paramref name="last"/>, so that a released address is reused as late as
    /// possible.
    /// </summary>
    public IEnumerable<AddressNumber> After(AddressNumber? last)
    {
        var at = last is { } given ? ranges.FindIndex(range => range.Contains(given)) : -1;
        if (at < 0)
            return ranges.SelectMany(All);
        var (range, from) = (ranges[at], last!.Value);
        return (from == range.Last ? [] : range.Between(from.Next, range.Last))
            .Concat(ranges.Skip(at + 1).Concat(ranges.Take(at)).SelectMany(All))
            .Concat(range.Between(range.First, from));
    }

    public override string ToString() => string.Join(',', ranges);

    private static IEnumerable<AddressNumber> All(AddressRange range) => range.Between(range.First, range.Last);
}
