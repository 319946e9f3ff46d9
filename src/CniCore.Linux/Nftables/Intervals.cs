using System.Net;

namespace CniCore.Linux.Nftables;

/// <summary>
/// Elements of interval sets. For a single part, the kernel stores two elements: the first value, and the value after the last, marked as
/// an end. For a concatenation, it stores one element with the first and the last value.
/// </summary>
internal static class Intervals
{
    /// <summary>Parses <c>10.1.0.0/16 . 10.1.0.0/16</c>; a part without a length is a single value.</summary>
    public static SetElement Read(string set, IReadOnlyList<ElementType> types, string text)
    {
        var ranges = text.Split(" . ").Zip(types, Range).ToList();
        return new(set, NftSet.Join(types, ranges.Select(range => range.First)))
        {
            KeyEnd = NftSet.Join(types, ranges.Select(range => range.Last))
        };
    }

    /// <summary>Sorts the intervals, and merges those that overlap or touch.</summary>
    public static IReadOnlyList<SetElement> Merge(IEnumerable<SetElement> elements)
    {
        var merged = new List<SetElement>();
        foreach (var element in elements.OrderBy(element => element.Key, Order))
        {
            if (merged is [.., var last] && (IsAll(last.KeyEnd!) || Order.Compare(element.Key, Next(last.KeyEnd!)) <= 0))
                merged[^1] = Order.Compare(element.KeyEnd!, last.KeyEnd!) > 0 ? last with { KeyEnd = element.KeyEnd } : last;
            else
                merged.Add(element);
        }
        return merged;
    }

    /// <summary>
    /// The kernel's elements of intervals with a single part. As with nft, an end at zero comes first if no interval starts there.
    /// </summary>
    public static IEnumerable<SetElement> Split(IReadOnlyList<SetElement> intervals)
    {
        if (intervals.Count > 0 && intervals[0].Key.Any(part => part != 0))
            yield return new(intervals[0].Set, new byte[intervals[0].Key.Length]) { IsEnd = true };
        foreach (var interval in intervals)
        {
            yield return interval with { KeyEnd = null };
            if (!IsAll(interval.KeyEnd!))
                yield return new(interval.Set, Next(interval.KeyEnd!)) { IsEnd = true };
        }
    }

    /// <summary>The reverse of <see cref="Split"/>, in any order.</summary>
    public static IReadOnlyList<SetElement> Join(IEnumerable<SetElement> elements)
    {
        var joined = new List<SetElement>();
        SetElement? open = null;
        foreach (var element in elements.OrderBy(element => element.Key, Order).ThenByDescending(element => element.IsEnd))
        {
            if (open is not null)
                joined.Add(open with { KeyEnd = Before(element.Key) });
            open = element.IsEnd ? null : element;
        }
        if (open is not null)
            joined.Add(open with { KeyEnd = [.. open.Key.Select(_ => byte.MaxValue)] });
        return Merge(joined);
    }

    /// <summary>The interval in nft's syntax: <c>10.1.0.0/16</c>, or <c>10.1.0.1-10.1.0.5</c>.</summary>
    public static string TextOf(IReadOnlyList<ElementType> types, byte[] first, byte[] last)
    {
        if (types.Count == 0 || Math.Min(first.Length, last.Length) < NftSet.LengthOf(types))
            return $"{Convert.ToHexStringLower(first)}-{Convert.ToHexStringLower(last)}";
        var (parts, at) = (new List<string>(), 0);
        foreach (var type in types)
        {
            parts.Add(TextOf(type, first[at..(at + type.Length)], last[at..(at + type.Length)]));
            at += type.Padded;
        }
        return string.Join(" . ", parts);
    }

    private static Comparer<byte[]> Order { get; } = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    private static string TextOf(ElementType type, byte[] first, byte[] last)
    {
        if (first.AsSpan().SequenceEqual(last))
            return type.Decode(first);
        var differing = first.Zip(last, (left, right) => (byte)(left ^ right)).ToArray();
        var length = differing.SelectMany(part => Enumerable.Range(0, 8).Select(bit => (part & (0x80 >> bit)) != 0))
            .TakeWhile(differs => !differs).Count();
        var isNetwork = first.Length is 4 or 16
            && new IPNetwork(new IPAddress(MaskedBy(first, differing)), length).BaseAddress.GetAddressBytes().SequenceEqual(first)
            && Last(first, length).AsSpan().SequenceEqual(last);
        return isNetwork ? $"{type.Decode(first)}/{length}" : $"{type.Decode(first)}-{type.Decode(last)}";
    }

    private static byte[] MaskedBy(byte[] value, byte[] unwanted) => [.. value.Zip(unwanted, (part, without) => (byte)(part & ~without))];

    private static (byte[] First, byte[] Last) Range(string text, ElementType type)
    {
        if (!IPNetwork.TryParse(text, out var network))
            return (type.Encode(text), type.Encode(text));
        var first = network.BaseAddress.GetAddressBytes();
        return first.Length == type.Length
            ? (first, Last(first, network.PrefixLength))
            : throw new FormatException($"{text} is no {type.Name}");
    }

    private static byte[] Last(byte[] first, int prefix)
    {
        byte[] last = [.. first];
        for (var bit = prefix; bit < last.Length * 8; bit++)
            last[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return last;
    }

    private static bool IsAll(byte[] value) => value.All(part => part == byte.MaxValue);

    private static byte[] Next(byte[] value) => Step(value, byte.MaxValue, 1);

    private static byte[] Before(byte[] value) => Step(value, 0, -1);

    private static byte[] Step(byte[] value, byte carries, int by)
    {
        byte[] next = [.. value];
        for (var at = next.Length - 1; at >= 0; at--)
        {
            var carry = next[at] == carries;
            next[at] = (byte)(next[at] + by);
            if (!carry)
                break;
        }
        return next;
    }
}
