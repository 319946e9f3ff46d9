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
            RefuseInvalid(json.RootElement, "");
            RefuseMissing(json.RootElement, type);
            return json.RootElement.Deserialize(type)!;
        }
        catch (InvalidOperationException fault)
        {
            throw new FormatException("a string is not valid Unicode", fault);
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

    // Null in a list, which the serializer lets pass, and invalid text, which it does not decode in the options.
    private static void RefuseInvalid(JsonElement value, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                    RefuseInvalid(member.Value, member.Name);
                break;
            case JsonValueKind.Array:
                if (value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Null))
                    throw new FormatException($"the list {name} has null");
                foreach (var item in value.EnumerateArray())
                    RefuseInvalid(item, name);
                break;
            case JsonValueKind.String:
                _ = value.GetString();
                break;
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
