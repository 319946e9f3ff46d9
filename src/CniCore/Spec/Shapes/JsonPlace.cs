using System.Text;
using System.Text.Json;

namespace CniCore.Spec.Shapes;

/// <summary>A JSON value, and the line it stands on.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">A string's content, a number's digits; empty for the others.</param>
/// <param name="Line">From 1.</param>
internal sealed record JsonPlace(JsonValueKind Kind, string Text, int Line)
{
    /// <summary>An object's, by their names as they are written.</summary>
    public IReadOnlyDictionary<string, JsonPlace> Members { get; private init; } = new Dictionary<string, JsonPlace>();

    /// <summary>A list's.</summary>
    public IReadOnlyList<JsonPlace> Items { get; private init; } = [];

    /// <summary>The member of that name; null where it is not given, which a JSON null says too.</summary>
    public JsonPlace? Given(string name) => Members.GetValueOrDefault(name) is { Kind: not JsonValueKind.Null } given ? given : null;

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="ShapeException">An object has a key twice.</exception>
    public static JsonPlace Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var lines = new Lines(json);
        reader.Read();
        var root = Value(ref reader, lines);
        while (reader.Read())
        {
            // Throws for what follows the value.
        }
        return root;
    }

    private static JsonPlace Value(ref Utf8JsonReader reader, Lines lines)
    {
        var line = lines.Of(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return new(JsonValueKind.Object, "", line) { Members = Object(ref reader, lines) };
            case JsonTokenType.StartArray:
                var items = new List<JsonPlace>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Value(ref reader, lines));
                return new(JsonValueKind.Array, "", line) { Items = items };
            case JsonTokenType.String:
                return new(JsonValueKind.String, reader.GetString()!, line);
            case JsonTokenType.Number:
                return new(JsonValueKind.Number, Encoding.UTF8.GetString(reader.ValueSpan), line);
            default:
                var isTrue = reader.TokenType == JsonTokenType.True;
                return new(isTrue
                    ? JsonValueKind.True
                    : reader.TokenType == JsonTokenType.False ? JsonValueKind.False : JsonValueKind.Null, "", line);
        }
    }

    private static Dictionary<string, JsonPlace> Object(ref Utf8JsonReader reader, Lines lines)
    {
        var members = new Dictionary<string, JsonPlace>(StringComparer.Ordinal);
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

    // The reader goes forward, and so do the questions.
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
