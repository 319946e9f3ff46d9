using System.Text.Json;

namespace DockerDriver.Errors;

/// <summary>JSON that a user gave as the value of an option, a label or a variable.</summary>
internal static class UserJson
{
    /// <exception cref="FormatException">
    /// It is no JSON, or has a key twice; the message goes on after the value's name: <c>is not JSON, …</c>
    /// </exception>
    public static JsonElement Parse(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return TwiceIn(parsed.RootElement) is { } key
                ? throw new FormatException($"has the key '{key}' twice: keep one of them")
                : parsed.RootElement.Clone();
        }
        catch (JsonException fault)
        {
            throw new FormatException($"is not JSON, {JsonErrorText.Describe(text, fault)}", fault);
        }
    }

    private static string? TwiceIn(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Select(TwiceIn).FirstOrDefault(key => key is not null);
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return value.EnumerateObject().Select(member => seen.Add(member.Name) ? TwiceIn(member.Value) : member.Name)
            .FirstOrDefault(key => key is not null);
    }
}
