namespace DockerDriver.Listeners;

/// <summary>Hides the routes of other listeners: a caller gets the answer for an unknown path.</summary>
internal sealed class ListenerFilter(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext call)
    {
        if (call.GetEndpoint()?.Metadata.GetMetadata<Listener>() != Listener.Of(call))
            call.SetEndpoint(null);
        return next(call);
    }
}
