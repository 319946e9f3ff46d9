using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Linux.Processes;

namespace Conformance;

/// <summary>How one call of a plugin ended, and what it said.</summary>
internal sealed class Answer(ProcessExit exit, double timeout)
{
    private const int Shown = 160;

    /// <summary>Standard output.</summary>
    public string Output { get; } = Encoding.UTF8.GetString(exit.Output).Trim();

    public bool InTime => exit.End == ProcessEnd.Itself;

    public bool Succeeded => InTime && exit.Status == 0;

    /// <summary>It said no by itself, with a status.</summary>
    public bool Refused => InTime && exit.Status is not (null or 0);

    /// <summary>The whole of standard output as one JSON object; null where it is none.</summary>
    public JsonObject? Json => TryParse(Output);

    /// <summary>The error object's code.</summary>
    public int? Code => Number(Json?["code"]);

    /// <summary>The error object's words, details and all.</summary>
    public string Message => string.Join(": ", new[] { Text(Json?["msg"]), Text(Json?["details"]) }.Where(words => words.Length > 0));

    /// <summary>In a few words.</summary>
    public override string ToString()
    {
        if (!InTime)
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
        return line.Length <= Shown ? line : line[..Shown] + "…";
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
