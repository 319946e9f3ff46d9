using DockerDriver.Listeners;
using DockerDriver.Protocol;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// libnetwork's remote driver protocol: one line per method, each calls <see cref="NetworkService"/> or <see cref="EndpointService"/>.
/// </summary>
internal static class NetworkDriverRoutes
{
    public static IEndpointRouteBuilder MapNetworkDriver(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("Plugin.Activate", (EndpointReconciler reconciler) =>
            DockerAnswer.AnswerAsync(reconciler.EngineHasStartedAsync(), DockerJson.Default.ActivateResponse));

        routes.MapPost("NetworkDriver.GetCapabilities", () =>
            DockerAnswer.Answer(new DriverCapabilities("local", "local", GwAllocChecker: true), DockerJson.Default.DriverCapabilities));

        routes.MapPost("NetworkDriver.GwAllocCheck", (DockerBody<GwAllocCheckRequest> call) =>
            DockerAnswer.Answer(NetworkService.GatewaysNotNeeded(call.Body), DockerJson.Default.GwAllocCheckResponse));

        routes.MapPost("NetworkDriver.CreateNetwork",
            (DockerBody<CreateNetworkRequest> call, NetworkService networks, HttpContext context, CancellationToken cancel) =>
        {
            context.Response.OnCompleted(() =>
            {
                networks.CreateAnswered(call.Body.NetworkId, hasReachedEngine: !context.RequestAborted.IsCancellationRequested);
                return Task.CompletedTask;
            });
            return DockerAnswer.EmptyAsync(networks.CreateAsync(call.Body, isRebuild: false, cancel));
        });

        routes.MapPost("NetworkDriver.DeleteNetwork", (DockerBody<DeleteNetworkRequest> call, NetworkService networks) =>
            DockerAnswer.EmptyAsync(networks.DeleteAsync(call.Body)));

        routes.MapPost("NetworkDriver.CreateEndpoint",
            (DockerBody<CreateEndpointRequest> call, EndpointService endpoints, CancellationToken cancel) =>
            DockerAnswer.AnswerAsync(endpoints.CreateAsync(call.Body, cancel), DockerJson.Default.CreateEndpointResponse));

        routes.MapPost("NetworkDriver.Join", (DockerBody<JoinRequest> call, EndpointService endpoints, CancellationToken cancel) =>
            DockerAnswer.AnswerAsync(endpoints.JoinAsync(call.Body, cancel), DockerJson.Default.JoinResponse));

        routes.MapPost("NetworkDriver.Leave", (DockerBody<EndpointRequest> call, EndpointService endpoints) =>
            DockerAnswer.EmptyAsync(endpoints.LeaveAsync(call.Body)));

        routes.MapPost("NetworkDriver.DeleteEndpoint", (DockerBody<EndpointRequest> call, EndpointService endpoints) =>
            DockerAnswer.EmptyAsync(endpoints.DeleteAsync(call.Body)));

        routes.MapPost("NetworkDriver.EndpointOperInfo",
            (DockerBody<EndpointRequest> call, EndpointService endpoints, CancellationToken cancel) =>
            DockerAnswer.AnswerAsync(endpoints.DescribeAsync(call.Body, cancel), DockerJson.Default.EndpointInfoResponse));

        routes.MapPost("NetworkDriver.ProgramExternalConnectivity",
            (DockerBody<ProgramExternalConnectivityRequest> call, EndpointService endpoints, CancellationToken cancel) =>
            DockerAnswer.EmptyAsync(endpoints.ProgramAsync(call.Body, cancel)));

        routes.MapPost("NetworkDriver.RevokeExternalConnectivity", (DockerBody<EndpointRequest> call, EndpointService endpoints) =>
            DockerAnswer.EmptyAsync(endpoints.RevokeAsync(call.Body)));

        // Sent only to drivers with global connectivity scope; a refusal would be logged.
        routes.MapPost("NetworkDriver.DiscoverNew", () => DockerAnswer.Empty());
        routes.MapPost("NetworkDriver.DiscoverDelete", () => DockerAnswer.Empty());
        return routes;
    }
}
