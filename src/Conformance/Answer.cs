using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Linux.Processes;

namespace Conformance;

/// <summary>The end and the output of a plugin call.</summary>
internal sealed class Answer(ProcessExit exit, double timeout)
{
    private const int MaxLength = 160;

    /// <summary>Standard output.</summary>
    public string Output { get; } = Encoding.UTF8.GetString(exit.Output).Trim();

    public bool EndedInTime => exit.End == ProcessEnd.Itself;

    public bool Succeeded => EndedInTime && exit.Status == 0;

    /// <summary>The plugin exited by itself with a non-zero status.</summary>
    public bool Refused => EndedInTime && exit.Status is not (null or 0);

    /// <summary>The standard output as one JSON object; null where it is not one.</summary>
    public JsonObject? Json => TryParse(Output);

    /// <summary>The code of the error object.</summary>
    public int? Code => Number(Json?["code"]);

    /// <summary>The message and details of the error object.</summary>
    public string Message => string.Join(": ", new[] { Text(Json?["msg"]), Text(Json?["details"]) }.Where(words => words.Length > 0));

    /// <summary>A short description.</summary>
    public override string ToString()
    {
        if (!EndedInTime)
            return exit.End == ProcessEnd.Deadline ? $"did not end within {timeout} s" : "wrote without end";
        if (Succeeded)
            return Output.Length == 0 ? "success" : $"success, and said {Cut(Output)}";
        if (Code is { } code)
            return $"code {code}, {Cut(Message)}";
        var said = Output.Length > 0 ? Output : Encoding.UTF8.GetString(exit.Errors).Trim();
        return (exit.Status is { } status ? $"status {status}" : $"killed by signal {exit.Signal}")
            + (said.Length > 0 ? $", no error object but: {Cut(said)}" : ", without a word");
    }

    public static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static int? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    private static string Cut(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MaxLength ? line : line[..MaxLength] + "…";
    }

    private static JsonObject? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
