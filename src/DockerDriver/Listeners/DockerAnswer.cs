using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerDriver.Logging;
using DockerDriver.Protocol;

namespace DockerDriver.Listeners;

/// <summary>Answers with the JSON Docker expects, whatever it asked for.</summary>
internal static class DockerAnswer
{
    // Names of their own, no overloads: the route generator does not see the JSON generator's types, and could not choose.
    public static async Task<IResult> AnswerAsync<T>(Task<T> work, JsonTypeInfo<T> type) => TypedResults.Json(await work, type);

    public static IResult Answer<T>(T answer, JsonTypeInfo<T> type) => TypedResults.Json(answer, type);

    public static async Task<IResult> DoneAsync(Task work)
    {
        await work;
        return Done();
    }

    public static IResult Done() => TypedResults.Json(Protocol.Done.Instance, DockerJson.Default.Done);

    /// <summary>
    /// Before a route is reached: the same shape, straight to the response. Docker's client prints the reason as it stands.
    /// </summary>
    public static async Task RefuseAsync(HttpResponse response, int status, string reason)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new Refusal(PlainText.Of(reason)), DockerJson.Default.Refusal));
    }
}
