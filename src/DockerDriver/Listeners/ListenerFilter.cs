namespace DockerDriver.Listeners;

/// <summary>A route of another door is no route: the one who calls is told what anybody is told of a path that does not exist.</summary>
internal sealed class ListenerFilter(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext call)
    {
        if (call.GetEndpoint()?.Metadata.GetMetadata<Listener>() != Listener.Of(call))
            call.SetEndpoint(null);
        return next(call);
    }
}
