using System.Text;
using System.Text.Json;

namespace CniCore.Spec.Shapes;

/// <summary>A JSON value, and its line.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The content of a string, the digits of a number; else empty.</param>
/// <param name="Line">From 1.</param>
internal sealed record LocatedJson(JsonValueKind Kind, string Text, int Line)
{
    /// <summary>The members of an object.</summary>
    public IReadOnlyDictionary<string, LocatedJson> Members { get; private init; } = new Dictionary<string, LocatedJson>();

    /// <summary>The items of an array.</summary>
    public IReadOnlyList<LocatedJson> Items { get; private init; } = [];

    /// <summary>The member of that name; null if it is absent or JSON null.</summary>
    public LocatedJson? Given(string name) => Members.GetValueOrDefault(name) is { Kind: not JsonValueKind.Null } given ? given : null;

    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="ShapeException">A key appears twice in an object.</exception>
    public static LocatedJson Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var lines = new Lines(json);
        try
        {
            reader.Read();
            var root = Value(ref reader, lines);
            while (reader.Read())
            {
                // Throws if anything follows the value.
            }
            return root;
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("a string is not valid Unicode", null, lines.Of(reader.TokenStartIndex) - 1, null, fault);
        }
    }

    private static LocatedJson Value(ref Utf8JsonReader reader, Lines lines)
    {
        var line = lines.Of(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return new(JsonValueKind.Object, "", line) { Members = Object(ref reader, lines) };
            case JsonTokenType.StartArray:
                var items = new List<LocatedJson>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Value(ref reader, lines));
                return new(JsonValueKind.Array, "", line) { Items = items };
            case JsonTokenType.String:
                return new(JsonValueKind.String, reader.GetString()!, line);
            case JsonTokenType.Number:
                return new(JsonValueKind.Number, Encoding.UTF8.GetString(reader.ValueSpan), line);
            default:
                var kind = reader.TokenType switch
                {
                    JsonTokenType.True => JsonValueKind.True,
                    JsonTokenType.False => JsonValueKind.False,
                    _ => JsonValueKind.Null,
                };
                return new(kind, "", line);
        }
    }

    private static Dictionary<string, LocatedJson> Object(ref Utf8JsonReader reader, Lines lines)
    {
        var members = new Dictionary<string, LocatedJson>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            var line = lines.Of(reader.TokenStartIndex);
            reader.Read();
            var value = Value(ref reader, lines) with { Line = line };
            if (!members.TryAdd(name, value))
                throw ShapeException.Twice(name, members[name].Line, line);
        }
        return members;
    }

    // Offsets only grow, as the reader moves forward.
    private sealed class Lines(ReadOnlySpan<byte> json)
    {
        private readonly List<int> ends = Ends(json);
        private int line;

        public int Of(long offset)
        {
            while (line < ends.Count && ends[line] < offset)
                line++;
            return line + 1;
        }

        private static List<int> Ends(ReadOnlySpan<byte> json)
        {
            var ends = new List<int>();
            for (var at = 0; at < json.Length; at++)
            {
                if (json[at] == '\n')
                    ends.Add(at);
            }
            return ends;
        }
    }
}
