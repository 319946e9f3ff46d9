using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>The answer of <c>GET /health</c>: whoever gets it knows that the daemon runs and answers, and no more.</summary>
internal sealed record Alive([property: JsonPropertyName("alive")] bool IsAlive)
{
    public static readonly Alive Instance = new(true);
}

/// <summary>The answer of <c>GET /ready</c>.</summary>
/// <param name="Ready">Whether all is in order.</param>
/// <param name="NotReady">What is not, by name, each with the reason.</param>
internal sealed record ReadinessReport(
    [property: JsonPropertyName("ready")] bool Ready,
    [property: JsonPropertyName("notReady")] IReadOnlyDictionary<string, string> NotReady);

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

/// <summary>The answer of <c>POST /none/attach</c>.</summary>
/// <param name="HasNetworks">Whether it has networks now; it may have asked for none.</param>
internal sealed record Attached([property: JsonPropertyName("attached")] bool HasNetworks);

/// <summary>The answer of <c>POST /none/retry/NETWORK</c> and <c>POST /starts/end/ID</c>.</summary>
/// <param name="Containers">
/// How many had a DEL that has failed before, and has succeeded now; or were to be started again, and are not any more.
/// </param>
internal sealed record Retried([property: JsonPropertyName("containers")] int Containers);

/// <summary>The answer of <c>POST /networks/forget/ID</c>.</summary>
/// <param name="Id">The network's Docker id.</param>
/// <param name="List">The name of its list.</param>
internal sealed record Forgotten([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("list")] string List);

/// <summary>The answer of <c>POST /release/ID</c>.</summary>
/// <param name="Lines">What has come of each attachment, for people.</param>
internal sealed record Released([property: JsonPropertyName("lines")] IReadOnlyList<string> Lines);

/// <summary>The answer that says no: one line for people.</summary>
internal sealed record AdminError([property: JsonPropertyName("error")] string Reason);

/// <summary>Every record of the admin socket.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Alive))]
[JsonSerializable(typeof(ReadinessReport))]
[JsonSerializable(typeof(AdminError))]
[JsonSerializable(typeof(AttachCall))]
[JsonSerializable(typeof(Attached))]
[JsonSerializable(typeof(Retried))]
[JsonSerializable(typeof(Forgotten))]
[JsonSerializable(typeof(Released))]
internal sealed partial class AdminJson : JsonSerializerContext;
