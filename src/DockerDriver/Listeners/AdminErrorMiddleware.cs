using System.Net.Sockets;
using System.Text.Json;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Protocol;

namespace DockerDriver.Listeners;

/// <summary>Translates exceptions into answers on the admin socket: a status, and a message as JSON.</summary>
internal sealed partial class AdminErrorMiddleware(RequestDelegate next, ILogger<AdminErrorMiddleware> log)
{
    public async Task InvokeAsync(HttpContext call)
    {
        try
        {
            if (!HttpMethods.IsGet(call.Request.Method) && Peer.Of(call) is { MayChange: false } peer)
            {
                await AnswerAsync(call.Response, StatusCodes.Status403Forbidden,
                    $"{call.Request.Path} is for root; the caller has uid {peer.User}");
                return;
            }
            await next(call);
            if (call.Response is { StatusCode: StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed, HasStarted: false })
                await AnswerAsync(call.Response, call.Response.StatusCode, $"{call.Request.Method} {call.Request.Path} is not served here");
        }
        catch (Exception fault) when (fault is CniException or RefusedException)
        {
            await AnswerAsync(call.Response, StatusCodes.Status409Conflict, fault.Message); // understood, but not possible
        }
        catch (BadHttpRequestException fault)
        {
            await AnswerAsync(call.Response, fault.StatusCode, fault.Message);
        }
        catch (OperationCanceledException fault) when (fault.InnerException is CniException)
        {
            await AnswerAsync(call.Response, StatusCodes.Status504GatewayTimeout, fault.Message); // not undone
        }
        catch (OperationCanceledException)
        {
            await AnswerAsync(call.Response, StatusCodes.Status504GatewayTimeout,
                $"{call.Request.Path} did not finish in time and was undone");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SocketException)
        {
            HostRefused(call.Request.Path, fault.Message); // an error of the host: no stack trace
            await AnswerAsync(call.Response, StatusCodes.Status500InternalServerError, fault.Message);
        }
        catch (Exception fault)
        {
            Failed(call.Request.Path, fault);
            await AnswerAsync(call.Response, StatusCodes.Status500InternalServerError, fault.Message);
        }
    }

    private static async Task AnswerAsync(HttpResponse response, int status, string reason)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new AdminErrorResponse(reason),
            AdminJson.Default.AdminErrorResponse));
    }

    [LoggerMessage(LogLevel.Error, "{Path} failed: {Reason}; the caller gets the error")]
    private partial void HostRefused(string path, string reason);

    [LoggerMessage(LogLevel.Error, "{Path} failed; the caller gets the error")]
    private partial void Failed(string path, Exception fault);
}
