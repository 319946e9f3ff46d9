using System.Text.Json;

namespace DockerDriver.Errors;

/// <summary>Parses JSON in the value of an option, a label or a variable.</summary>
internal static class UserJson
{
    /// <exception cref="FormatException">
    /// It is not JSON, or has a duplicate key. The message continues a sentence after the value's name: <c>is not JSON, …</c>
    /// </exception>
    public static JsonElement Parse(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return DuplicateKey(parsed.RootElement) is { } key
                ? throw new FormatException($"has the key '{key}' twice: keep one of them")
                : parsed.RootElement.Clone();
        }
        catch (InvalidOperationException fault)
        {
            throw new FormatException("has a string that is not valid Unicode", fault);
        }
        catch (JsonException fault)
        {
            throw new FormatException($"is not JSON, {JsonErrorText.Describe(text, fault)}", fault);
        }
    }

    private static string? DuplicateKey(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Select(DuplicateKey).FirstOrDefault(key => key is not null);
        if (value.ValueKind == JsonValueKind.String)
            _ = value.GetString(); // throws if it is not valid
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return value.EnumerateObject().Select(member => seen.Add(member.Name) ? DuplicateKey(member.Value) : member.Name)
            .FirstOrDefault(key => key is not null);
    }
}
