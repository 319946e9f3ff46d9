using DockerDriver.Background;
using DockerDriver.Configuration;

namespace DockerDriver.Listeners;

/// <summary>
/// Gives every call of Docker's a deadline below the 30 s at which a managed plugin's client hangs up without a word
/// (moby pkg/plugins; docker plugin enable --timeout): better an answer that says why.
/// </summary>
internal sealed class CallDeadline(RequestDelegate next, IdleMemoryTrimmer quiet, Settings settings)
{
    public async Task InvokeAsync(HttpContext call)
    {
        quiet.Called();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(call.RequestAborted);
        deadline.CancelAfter(settings.CallTimeout);
        call.RequestAborted = deadline.Token;
        await next(call);
    }
}
