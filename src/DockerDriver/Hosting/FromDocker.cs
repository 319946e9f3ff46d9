using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DockerDriver.Protocol;

namespace DockerDriver.Hosting;

/// <summary>
/// A request body as Docker sends it: JSON without a Content-Type, which ASP.NET's own binding answers with 415.
/// An empty body is refused: Docker's retry after a broken connection has lost it (moby pkg/plugins/client.go),
/// and an answer of success would leave it with an endpoint nobody made.
/// </summary>
internal sealed record FromDocker<T>(T Body) : IBindableFromHttpContext<FromDocker<T>> where T : class
{
    public static async ValueTask<FromDocker<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var type = (JsonTypeInfo<T>)DockerJson.Default.GetTypeInfo(typeof(T))!;
        try
        {
            var body = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted);
            return new(body ?? throw new JsonException("the body is null"));
        }
        catch (JsonException fault)
        {
            throw new BadHttpRequestException($"{context.Request.Path.Value?.TrimStart('/')}: {fault.Message}", fault);
        }
    }
}
