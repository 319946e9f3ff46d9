using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>The answer to <c>GET /health</c>: the daemon is running and answers.</summary>
internal sealed record HealthResponse([property: JsonPropertyName("alive")] bool IsAlive)
{
    public static readonly HealthResponse Instance = new(true);
}

/// <summary>The answer to <c>GET /ready</c>.</summary>
/// <param name="Ready">Whether all conditions are met.</param>
/// <param name="NotReady">The unmet conditions by name, each with the reason.</param>
internal sealed record ReadinessReport(
    [property: JsonPropertyName("ready")] bool Ready,
    [property: JsonPropertyName("notReady")] IReadOnlyDictionary<string, string> NotReady);

/// <summary><c>POST /none/attach</c>: a container of <c>--network none</c> whose netns exists and whose process has not started.</summary>
/// <param name="Id">Docker's full id.</param>
/// <param name="NetNs">Path of its network namespace.</param>
/// <param name="Pid">Its first process.</param>
internal sealed record AttachRequest(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("netns")] string NetNs,
    [property: JsonPropertyName("pid")] int Pid)
{
    private const int IdLength = 64;

    /// <summary>The labels <c>cni.…</c>; null where the caller does not know them, and the engine is asked.</summary>
    [JsonPropertyName("labels")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Docker's folder of the container, where the caller knows it.</summary>
    [JsonPropertyName("folder")]
    public string? Folder { get; init; }

    /// <summary>Its name, where the caller knows it.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>
    /// The ports of <c>-p</c> and <c>-P</c>, in the form of the label <c>cni.ports</c>; null where the caller does not know them.
    /// </summary>
    [JsonPropertyName("ports")]
    public IReadOnlyList<string>? Ports { get; init; }

    /// <exception cref="BadHttpRequestException">The body is invalid.</exception>
    public static async Task<AttachRequest> ReadAsync(Stream body, CancellationToken cancel)
    {
        try
        {
            var call = await JsonSerializer.DeserializeAsync(body, AdminJson.Default.AttachRequest, cancel)
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

/// <summary>The answer to <c>POST /none/attach</c>.</summary>
/// <param name="HasNetworks">Whether it is attached; false if it requested no networks.</param>
internal sealed record AttachResponse([property: JsonPropertyName("attached")] bool HasNetworks);

/// <summary>The answer to <c>POST /none/retry/NETWORK</c> and <c>POST /starts/end/ID</c>.</summary>
/// <param name="Containers">The number of containers whose failed DEL has succeeded now, or whose start is no longer retried.</param>
internal sealed record RetryResponse([property: JsonPropertyName("containers")] int Containers);

/// <summary>The answer to <c>POST /networks/forget/ID</c>.</summary>
/// <param name="Id">The network's Docker id.</param>
/// <param name="List">The name of its list.</param>
internal sealed record ForgetResponse([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("list")] string List);

/// <summary>The answer to <c>POST /release/ID</c>.</summary>
/// <param name="Lines">Messages for the user.</param>
internal sealed record ReleaseResponse([property: JsonPropertyName("lines")] IReadOnlyList<string> Lines);

/// <summary>A refusal: one line for the user.</summary>
internal sealed record AdminErrorResponse([property: JsonPropertyName("error")] string Reason);

/// <summary>The JSON of the admin socket.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(ReadinessReport))]
[JsonSerializable(typeof(AdminErrorResponse))]
[JsonSerializable(typeof(AttachRequest))]
[JsonSerializable(typeof(AttachResponse))]
[JsonSerializable(typeof(RetryResponse))]
[JsonSerializable(typeof(ForgetResponse))]
[JsonSerializable(typeof(ReleaseResponse))]
internal sealed partial class AdminJson : JsonSerializerContext;
