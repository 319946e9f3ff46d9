using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary><c>POST /none/attach</c>: a container of <c>--network none</c> whose namespace is there and whose process waits.</summary>
/// <param name="Id">Docker's full id.</param>
/// <param name="NetNs">Path of its network namespace.</param>
/// <param name="Pid">Its first process.</param>
internal sealed record AttachCall(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("netns")] string NetNs,
    [property: JsonPropertyName("pid")] int Pid)
{
    private const int IdLength = 64;

    /// <summary>Those that begin with <c>cni.</c>; null where the caller does not know them, and the engine is asked.</summary>
    [JsonPropertyName("labels")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Docker's folder for it, where the caller knows it.</summary>
    [JsonPropertyName("folder")]
    public string? Folder { get; init; }

    /// <summary>Its name, where the caller knows it.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary><c>-p</c> and <c>-P</c>, in the form of the label <c>cni.ports</c>; null where the caller does not know them.</summary>
    [JsonPropertyName("ports")]
    public IReadOnlyList<string>? Ports { get; init; }

    /// <exception cref="BadHttpRequestException">It is no such call.</exception>
    public static async Task<AttachCall> ReadAsync(Stream body, CancellationToken cancel)
    {
        try
        {
            var call = await JsonSerializer.DeserializeAsync(body, AdminJson.Default.AttachCall, cancel)
                ?? throw new JsonException("the body is null");
            if (call.Id.Length != IdLength || !call.Id.All(char.IsAsciiHexDigitLower))
                throw new JsonException($"id '{call.Id}' is not a container's full id of {IdLength} hexadecimal digits");
            if (!Path.IsPathFullyQualified(call.NetNs))
                throw new JsonException($"netns '{call.NetNs}' is not an absolute path");
            return call;
        }
        catch (JsonException fault)
        {
            throw new BadHttpRequestException(fault.Message, fault);
        }
    }
}
