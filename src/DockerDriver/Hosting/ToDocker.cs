using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerDriver.Protocol;

namespace DockerDriver.Hosting;

/// <summary>Answers with the JSON Docker expects, whatever it asked for.</summary>
internal static class ToDocker
{
    public static async Task<IResult> Answer<T>(Task<T> work, JsonTypeInfo<T> type) => Answer(await work, type);

    public static IResult Answer<T>(T answer, JsonTypeInfo<T> type) => TypedResults.Json(answer, type);

    public static async Task<IResult> Answer(Task work)
    {
        await work;
        return Answer(Done.Instance, DockerJson.Default.Done);
    }

    /// <summary>Before a route is reached: the same shape, straight to the response.</summary>
    public static async Task RefuseAsync(HttpResponse response, int status, string reason)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new Refusal(reason), DockerJson.Default.Refusal));
    }
}
