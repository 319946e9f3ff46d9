using System.Text.Json;
using Docker.DotNet;

namespace DockerDriver.Engine;

/// <summary>The message of the engine's error, without the JSON around it.</summary>
internal static class EngineErrorText
{
    public static string Of(DockerApiException fault)
    {
        try
        {
            using var body = JsonDocument.Parse(fault.ResponseBody ?? "");
            return body.RootElement.TryGetProperty("message", out var message) ? message.GetString() ?? fault.Message : fault.Message;
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException)
        {
            return fault.Message;
        }
    }
}
