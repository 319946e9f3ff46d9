using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Starts;

namespace DockerDriver.Listeners;

/// <summary>The one place where a fault becomes an answer. Docker shows <c>Err</c> to its user as it stands.</summary>
internal sealed partial class DockerErrorMiddleware(RequestDelegate next, FailedStarts starts, ILogger<DockerErrorMiddleware> log)
{
    // What they refuse is a container that does not start: Docker puts the reason into its State.Error, and does not try again.
    private static readonly HashSet<string> CallsOfAStart =
        ["NetworkDriver.CreateEndpoint", "NetworkDriver.Join", "NetworkDriver.ProgramExternalConnectivity", "IpamDriver.RequestAddress"];

    public async Task InvokeAsync(HttpContext call)
    {
        var name = call.Request.Path.Value?.TrimStart('/') ?? "";
        try
        {
            await next(call);
            if (call.Response is { StatusCode: StatusCodes.Status404NotFound, HasStarted: false })
                await DockerAnswer.RefuseAsync(call.Response, StatusCodes.Status404NotFound, $"{name} is not a method of this driver");
        }
        catch (Exception fault) when (fault is CniException or RefusedException)
        {
            Refused(name, fault.Message); // understood, but not possible: 200 with Err (libnetwork docs/remote.md, "Errors")
            await RefuseAsync(call, StatusCodes.Status200OK, fault.Message);
        }
        catch (BadHttpRequestException fault)
        {
            Refused(name, fault.Message);
            await RefuseAsync(call, fault.StatusCode, fault.Message);
        }
        catch (OperationCanceledException fault) when (fault.InnerException is CniException)
        {
            Refused(name, fault.Message); // not undone
            await RefuseAsync(call, StatusCodes.Status503ServiceUnavailable, fault.Message);
        }
        catch (OperationCanceledException)
        {
            GivenUp(name);
            await RefuseAsync(call, StatusCodes.Status503ServiceUnavailable, $"{name} did not finish in time and was undone");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SocketException)
        {
            HostRefused(name, fault.Message); // the host's doing, told by its message: where in cnid it was met says nothing
            await RefuseAsync(call, StatusCodes.Status500InternalServerError, fault.Message);
        }
        catch (Exception fault)
        {
            Failed(name, fault);
            await RefuseAsync(call, StatusCodes.Status500InternalServerError, fault.Message);
        }
    }

    // A call whose body was lost with its connection is one as well: cnid was restarted meanwhile. Any other that cannot be read is not
    // the engine's.
    private static bool IsOfAStart(HttpRequest call, int status) => CallsOfAStart.Contains(call.Path.Value?.TrimStart('/') ?? "")
        && (status != StatusCodes.Status400BadRequest || call.ContentLength is null or 0);

    // What has begun as a success cannot become a refusal: a cut connection tells Docker's client that it has no answer.
    private Task RefuseAsync(HttpContext call, int status, string reason)
    {
        if (!call.Response.HasStarted)
            return DockerAnswer.RefuseAsync(call.Response, status, IsOfAStart(call.Request, status) ? starts.Mark(reason) : reason);
        call.Abort();
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "{Call} refused: {Reason}")]
    private partial void Refused(string call, string reason);

    [LoggerMessage(LogLevel.Warning, "{Call} given up: its time was over or Docker hung up; what it had made is undone")]
    private partial void GivenUp(string call);

    [LoggerMessage(LogLevel.Error, "{Call} failed: {Reason}; Docker is told so and may come back")]
    private partial void HostRefused(string call, string reason);

    [LoggerMessage(LogLevel.Error, "{Call} failed; Docker is told so and may come back")]
    private partial void Failed(string call, Exception fault);
}
