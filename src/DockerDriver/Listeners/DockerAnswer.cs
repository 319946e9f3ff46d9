using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerDriver.Logging;
using DockerDriver.Protocol;

namespace DockerDriver.Listeners;

/// <summary>Answers with JSON in the form that Docker expects.</summary>
internal static class DockerAnswer
{
    // Not overloads: the route generator does not see the JSON generator's types, and could not resolve them.
    public static async Task<IResult> AnswerAsync<T>(Task<T> work, JsonTypeInfo<T> type) => TypedResults.Json(await work, type);

    public static IResult Answer<T>(T answer, JsonTypeInfo<T> type) => TypedResults.Json(answer, type);

    public static async Task<IResult> EmptyAsync(Task work)
    {
        await work;
        return Empty();
    }

    public static IResult Empty() => TypedResults.Json(EmptyResponse.Instance, DockerJson.Default.EmptyResponse);

    /// <summary>A refusal, written directly to the response. Docker's client prints the reason.</summary>
    public static async Task RefuseAsync(HttpResponse response, int status, string reason)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new ErrorResponse(PlainText.Of(reason)),
            DockerJson.Default.ErrorResponse));
    }
}
