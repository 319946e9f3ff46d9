namespace DockerDriver.Hosting;

/// <summary>A route of another door is no route: the one who calls is told what anybody is told of a path that does not exist.</summary>
internal sealed class RoutesOfThisDoor(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext call)
    {
        if (call.GetEndpoint()?.Metadata.GetMetadata<Door>() != Door.Of(call))
            call.SetEndpoint(null);
        return next(call);
    }
}
