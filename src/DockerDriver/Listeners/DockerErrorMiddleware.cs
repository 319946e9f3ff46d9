using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Starts;

namespace DockerDriver.Listeners;

/// <summary>Translates exceptions into answers for Docker. Docker shows <c>Err</c> to its user.</summary>
internal sealed partial class DockerErrorMiddleware(RequestDelegate next, FailedStarts starts, ILogger<DockerErrorMiddleware> log)
{
    // If one of these is refused, the container does not start: Docker stores the reason in State.Error, and does not retry.
    private static readonly HashSet<string> StartCalls =
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
            TimedOut(name);
            await RefuseAsync(call, StatusCodes.Status503ServiceUnavailable, $"{name} did not finish in time and was undone");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SocketException)
        {
            HostRefused(name, fault.Message); // an error of the host: no stack trace
            await RefuseAsync(call, StatusCodes.Status500InternalServerError, fault.Message);
        }
        catch (Exception fault)
        {
            Failed(name, fault);
            await RefuseAsync(call, StatusCodes.Status500InternalServerError, fault.Message);
        }
    }

    // Also a call whose body was lost with its connection, when cnid was restarted. Any other unreadable call is not the engine's.
    private static bool IsStartCall(HttpRequest call, int status) => StartCalls.Contains(call.Path.Value?.TrimStart('/') ?? "")
        && (status != StatusCodes.Status400BadRequest || call.ContentLength is null or 0);

    // A started success cannot become a refusal: closing the connection tells Docker's client that there is no answer.
    private Task RefuseAsync(HttpContext call, int status, string reason)
    {
        if (!call.Response.HasStarted)
            return DockerAnswer.RefuseAsync(call.Response, status, IsStartCall(call.Request, status) ? starts.Record(reason) : reason);
        call.Abort();
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "{Call} refused: {Reason}")]
    private partial void Refused(string call, string reason);

    [LoggerMessage(LogLevel.Warning, "{Call} cancelled: it timed out or Docker closed the connection; it has been undone")]
    private partial void TimedOut(string call);

    [LoggerMessage(LogLevel.Error, "{Call} failed: {Reason}; Docker gets the error and may retry")]
    private partial void HostRefused(string call, string reason);

    [LoggerMessage(LogLevel.Error, "{Call} failed; Docker gets the error and may retry")]
    private partial void Failed(string call, Exception fault);
}
