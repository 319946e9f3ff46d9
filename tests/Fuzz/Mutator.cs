using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Fuzz;

/// <summary>Changes inputs: bytes, blocks, words of the corpus, JSON values, netlink attributes. The seed decides everything.</summary>
internal sealed class Mutator(Form form, Random random, IReadOnlyList<byte[]> seeds)
{
    public const int MaximalLength = 64 * 1024;

    private static readonly int[] Numbers =
        [0, 1, -1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 64, 127, 128, 255, 256, 4096, 65535, 65536, int.MaxValue, int.MinValue];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1.5", "1e400", "99999999999999999999", "\"\"", "\"a\"", "\"\\u0000\"",
        "[]", "{}", "[null]", "[[]]",
        "\"10.1.0.0/16\"", "\"fd00::/64\"", "\"0.0.0.0/0\"", "\"::ffff:1.2.3.4/128\"", "\"1.1.0\"", "\"../../x\"", "\"eth0\"",
    ];

    private readonly byte[][] words =
        [.. seeds.SelectMany(Words).Distinct(StringComparer.Ordinal).Take(4000).Select(Encoding.Latin1.GetBytes)];

    /// <summary>An input made of another.</summary>
    public byte[] Change(byte[] input, Func<byte[]> other)
    {
        if (form == Form.Json && random.Next(2) == 0 && ChangeJson(input) is { Length: <= MaximalLength } changed)
            return changed;
        for (var times = 1 << random.Next(5); times > 0; times--)
            input = ChangeOnce(input, other);
        return input.Length <= MaximalLength ? input : input[..MaximalLength];
    }

    private byte[] ChangeOnce(byte[] input, Func<byte[]> other)
    {
        if (input.Length == 0)
            return words.Length > 0 ? Any(words) : [(byte)random.Next(256)];
        var at = random.Next(input.Length);
        switch (random.Next(form == Form.Netlink ? 12 : 9))
        {
            case 0: return With(input, at, (byte)(input[at] ^ (1 << random.Next(8))));
            case 1: return With(input, at, (byte)random.Next(256));
            case 2: return With(input, at, (byte)(input[at] + random.Next(-16, 17)));
            case 3: return Cut(input, at, random.Next(1, Math.Min(32, input.Length - at) + 1));
            case 4: return Put(input, at, input.AsSpan(at, random.Next(1, Math.Min(64, input.Length - at) + 1)));
            case 5 or 6 when words.Length > 0: return Put(input, at, Any(words));
            case 7 when random.Next(16) == 0: return Put(input, at, "\\ud800"u8);
            case 7: return Put(input, at, Encoding.ASCII.GetBytes(Numbers[random.Next(Numbers.Length)].ToString()));
            case 8:
                var from = other();
                return from.Length == 0 ? input : [.. input[..at], .. from[random.Next(from.Length)..]];
            case >= 9: return Number(input, at & ~3);
            default: return input[..at];
        }
    }

    // Lengths, types and numbers of netlink lie at multiples of four, after the byte that chooses.
    private byte[] Number(byte[] input, int at)
    {
        var changed = (byte[])input.Clone();
        var number = Numbers[random.Next(Numbers.Length)];
        at++;
        if (random.Next(2) == 0 && at + 2 <= changed.Length)
            BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(at), (ushort)number);
        else if (at + 4 <= changed.Length && random.Next(2) == 0)
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), number);
        else if (at + 4 <= changed.Length)
            BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(at), number);
        return changed;
    }

    // A member or item is removed, doubled, renamed or replaced: by a usual value, or by another of the same document.
    private byte[]? ChangeJson(byte[] input)
    {
        var start = Array.FindIndex(input, value => value is (byte)'{' or (byte)'[');
        if (start is < 0 or > 1)
            return null;
        try
        {
            var root = JsonNode.Parse(input.AsSpan(start))!;
            var nodes = new List<JsonNode?>();
            Collect(root, nodes);
            for (var times = 1 << random.Next(3); times > 0; times--)
                ChangeNode(nodes);
            return [.. input[..start], .. Encoding.UTF8.GetBytes(root.ToJsonString())];
        }
        catch (Exception fault) when (fault is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private void ChangeNode(List<JsonNode?> nodes)
    {
        switch (nodes[random.Next(nodes.Count)])
        {
            case JsonObject { Count: > 0 } members:
                var name = members.ElementAt(random.Next(members.Count)).Key;
                switch (random.Next(4))
                {
                    case 0: members.Remove(name); break;
                    case 1: members[name] = Value(nodes); break;
                    case 2: members[Word()] = Value(nodes); break;
                    default:
                        var moved = members[name]?.DeepClone();
                        members.Remove(name);
                        members[Word()] = moved;
                        break;
                }
                break;
            case JsonArray { Count: > 0 } items:
                var at = random.Next(items.Count);
                switch (random.Next(3))
                {
                    case 0: items.RemoveAt(at); break;
                    case 1: items[at] = Value(nodes); break;
                    default: items.Insert(at, items[random.Next(items.Count)]?.DeepClone()); break;
                }
                break;
            case JsonValue value when value.Parent is JsonObject parent:
                parent[parent.First(member => ReferenceEquals(member.Value, value)).Key] = Value(nodes);
                break;
        }
    }

    private JsonNode? Value(List<JsonNode?> nodes) => random.Next(4) switch
    {
        0 => nodes[random.Next(nodes.Count)]?.DeepClone(),
        1 => JsonValue.Create(Word()),
        _ => JsonNode.Parse(Values[random.Next(Values.Length)]),
    };

    private string Word() => words.Length > 0 ? Encoding.Latin1.GetString(Any(words)).Trim('"') : "a";

    private static void Collect(JsonNode? node, List<JsonNode?> into)
    {
        into.Add(node);
        foreach (var child in node switch
        {
            JsonObject members => members.Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        })
            Collect(child, into);
    }

    private byte[] Any(byte[][] from) => from[random.Next(from.Length)];

    private static byte[] With(byte[] input, int at, byte value)
    {
        var changed = (byte[])input.Clone();
        changed[at] = value;
        return changed;
    }

    private static byte[] Cut(byte[] input, int at, int length) => [.. input[..at], .. input[(at + length)..]];

    private static byte[] Put(byte[] input, int at, ReadOnlySpan<byte> more) => [.. input[..at], .. more, .. input[at..]];

    private static readonly char[] Separators = [' ', '\n', '\t', ',', ';', '=', '{', '}', '[', ']', '\0'];

    // Runs of characters between separators.
    private static IEnumerable<string> Words(byte[] seed)
    {
        foreach (var word in Encoding.Latin1.GetString(seed).Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.Length is > 1 and < 80)
                yield return word;
        }
    }
}
