using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Protocol;

namespace DockerDriver.Listeners;

/// <summary>
/// A request body as Docker sends it: JSON without a Content-Type, which ASP.NET's binding refuses with 415. An empty body is refused:
/// Docker's retry after a broken connection has lost it (moby pkg/plugins/client.go), and an answer of success would leave it with an
/// endpoint that does not exist.
/// </summary>
internal sealed record DockerBody<T>(T Body) : IBindableFromHttpContext<DockerBody<T>> where T : class
{
    // They become names of files, interfaces and lists.
    private static readonly string[] Ids = ["NetworkID", "EndpointID"];

    public static async ValueTask<DockerBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        try
        {
            return new(Parse(body.ToArray()));
        }
        catch (FormatException fault)
        {
            throw new BadHttpRequestException($"{context.Request.Path.Value?.TrimStart('/')}: {fault.Message}", fault);
        }
    }

    private static T Parse(byte[] body)
    {
        if (body.Length == 0)
            throw new FormatException("the body is empty: it was lost with a broken connection; try again");
        var type = (JsonTypeInfo<T>)DockerJson.Default.GetTypeInfo(typeof(T))!;
        try
        {
            using var json = JsonDocument.Parse(body);
            RefuseMissing(json.RootElement, type);
            return json.RootElement.Deserialize(type)!;
        }
        catch (JsonException fault) when (fault.Path is { Length: > 2 } path)
        {
            throw new FormatException($"the field {path[2..]} has a value of the wrong kind", fault); // "$.NetworkID"
        }
        catch (JsonException fault)
        {
            throw new FormatException($"the body is not JSON, {JsonErrorText.Describe(Encoding.UTF8.GetString(body), fault)}", fault);
        }
    }

    // The serializer would refuse it too, with the names of .NET types.
    private static void RefuseMissing(JsonElement body, JsonTypeInfo<T> type)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw new FormatException("the body is not a JSON object");
        foreach (var field in type.Properties.Where(field => field.AssociatedParameter is { HasDefaultValue: false })
            .Select(field => field.Name))
        {
            if (!body.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
                throw new FormatException($"the field {field} is missing");
            if (value.ValueKind == JsonValueKind.String && value.ValueEquals(""))
                throw new FormatException($"the field {field} is empty");
            if (Ids.Contains(field) && value.ValueKind == JsonValueKind.String)
                RefuseOther(field, value.GetString()!);
        }
    }

    private static void RefuseOther(string field, string id)
    {
        try
        {
            _ = ContainerId.Parse(id);
        }
        catch (CniException fault)
        {
            throw new FormatException($"the field {field} is not an id: a letter or digit, then letters, digits, '_', '.', '-'", fault);
        }
    }
}
