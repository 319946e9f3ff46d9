using DockerDriver.Background;
using DockerDriver.Engine;
using DockerDriver.Protocol;
using DockerDriver.Starts;

namespace DockerDriver.Admin;

/// <summary>The routes of the admin socket.</summary>
internal static class AdminRoutes
{
    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", () => TypedResults.Json(HealthResponse.Instance, AdminJson.Default.HealthResponse));

        routes.MapGet("/ready", async (Readiness readiness, CancellationToken cancel) =>
        {
            var report = await readiness.ReportAsync(cancel);
            return TypedResults.Json(report, AdminJson.Default.ReadinessReport, statusCode: report.Ready
                ? StatusCodes.Status200OK
                : StatusCodes.Status503ServiceUnavailable);
        });

        routes.MapPost("/none/attach", async (HttpRequest request, NoneNetworkCalls calls, CancellationToken cancel) =>
            TypedResults.Json(await calls.AttachAsync(await AttachRequest.ReadAsync(request.Body, cancel), cancel),
                AdminJson.Default.AttachResponse));

        routes.MapPost("/starts/end/{id}", (string id, FailedStarts starts) =>
            TypedResults.Json(new RetryResponse(starts.End(id).Count), AdminJson.Default.RetryResponse));

        routes.MapPost("/none/retry/{network}", async (string network, NoneNetworkCalls calls) =>
            TypedResults.Json(await calls.RetryAsync(network), AdminJson.Default.RetryResponse));

        routes.MapPost("/networks/forget/{network}", async (string network, bool? force, NetworkCalls calls, CancellationToken cancel) =>
            TypedResults.Json(await calls.ForgetAsync(network, force == true, cancel), AdminJson.Default.ForgetResponse));

        routes.MapPost("/release/{id}", async (string id, ReleaseCalls calls) =>
            TypedResults.Json(await calls.ReleaseAsync(id), AdminJson.Default.ReleaseResponse));
    }
}
