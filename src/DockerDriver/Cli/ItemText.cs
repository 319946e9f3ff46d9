using System.Text;
using System.Text.Json.Nodes;
using DockerDriver.Logging;

namespace DockerDriver.Cli;

/// <summary>An item as text: a line per value, then nested values as JSON.</summary>
internal static class ItemText
{
    private const string Indent = "  ";

    public static string Of(JsonObject item)
    {
        var facts = item.Where(fact => fact.Value is not null).ToList();
        var lines = facts.Select(fact => (fact.Key, Text: Line(fact.Value!) is { } line ? PlainText.Of(line) : null))
            .Where(fact => fact.Text is { Length: > 0 }).ToList();
        var width = lines.Max(fact => fact.Key.Length) + Indent.Length;
        var text = new StringBuilder();
        foreach (var (key, line) in lines)
            text.Append(key.PadRight(width)).Append(line).Append('\n');
        foreach (var (key, value) in facts.Where(fact => Line(fact.Value!) is null))
            text.Append(key).Append('\n').Append(Indent)
                .Append(JsonText.Indented(Encoding.UTF8.GetBytes(value!.ToJsonString()))
                .Replace("\n", "\n" + Indent, StringComparison.Ordinal)).Append('\n');
        return text.ToString().TrimEnd('\n');
    }

    // Null for a value that does not fit a line; empty for an empty one.
    private static string? Line(JsonNode value) => value switch
    {
        JsonValue scalar => scalar.ToString(),
        JsonObject { Count: 0 } or JsonArray { Count: 0 } => "",
        JsonArray list when list.All(FitsOnLine) => string.Join(", ", list.Select(Short)),
        _ => null,
    };

    private static bool FitsOnLine(JsonNode? value) =>
        value is JsonValue || (value is JsonObject { Count: <= 3 } whole && whole.All(fact => fact.Value is null or JsonValue));

    private static string Short(JsonNode? value) => value is JsonObject whole
        ? string.Join(' ', whole.Where(fact => fact.Value is not null).Select(fact => fact.Value!.ToString()))
        : value!.ToString();
}
