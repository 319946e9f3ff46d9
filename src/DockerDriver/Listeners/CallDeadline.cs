using DockerDriver.Background;
using DockerDriver.Configuration;

namespace DockerDriver.Listeners;

/// <summary>
/// Gives each of Docker's calls a time limit below the 30 s after which a managed plugin's client closes the connection without a message
/// (moby pkg/plugins; docker plugin enable --timeout).
/// </summary>
internal sealed class CallDeadline(RequestDelegate next, IdleMemoryTrimmer trimmer, Settings settings)
{
    public async Task InvokeAsync(HttpContext call)
    {
        trimmer.Called();
        CurrentWork.Begin(call.Request.Path.Value?.TrimStart('/') ?? "a call");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(call.RequestAborted);
        deadline.CancelAfter(settings.CallTimeout);
        call.RequestAborted = deadline.Token;
        await next(call);
    }
}
