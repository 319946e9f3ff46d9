using DockerDriver.Listeners;
using DockerDriver.Protocol;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// libnetwork's remote driver protocol: one line a method, each hands over to <see cref="NetworkService"/> or
/// <see cref="EndpointService"/>.
/// </summary>
internal static class NetworkDriverRoutes
{
    public static IEndpointRouteBuilder MapNetworkDriver(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("Plugin.Activate", (Reconciler reconciler) =>
            ToDocker.AnswerAsync(reconciler.EngineHasStartedAsync(), DockerJson.Default.Activation));

        routes.MapPost("NetworkDriver.GetCapabilities", () =>
            ToDocker.Answer(new DriverCapabilities("local", "local", GwAllocChecker: true), DockerJson.Default.DriverCapabilities));

        routes.MapPost("NetworkDriver.GwAllocCheck", (FromDocker<GatewayAllocationAsked> call) =>
            ToDocker.Answer(NetworkService.GatewaysOf(call.Body), DockerJson.Default.GatewayAllocation));

        routes.MapPost("NetworkDriver.CreateNetwork",
            (FromDocker<CreateNetwork> call, NetworkService networks, HttpContext context, CancellationToken cancel) =>
        {
            context.Response.OnCompleted(() =>
            {
                networks.Answered(call.Body.NetworkId, hasReachedEngine: !context.RequestAborted.IsCancellationRequested);
                return Task.CompletedTask;
            });
            return ToDocker.DoneAsync(networks.CreateAsync(call.Body, isRebuild: false, cancel));
        });

        routes.MapPost("NetworkDriver.DeleteNetwork", (FromDocker<NetworkCall> call, NetworkService networks) =>
            ToDocker.DoneAsync(networks.DeleteAsync(call.Body)));

        routes.MapPost("NetworkDriver.CreateEndpoint",
            (FromDocker<CreateEndpoint> call, EndpointService endpoints, CancellationToken cancel) =>
            ToDocker.AnswerAsync(endpoints.CreateAsync(call.Body, cancel), DockerJson.Default.EndpointCreated));

        routes.MapPost("NetworkDriver.Join", (FromDocker<Join> call, EndpointService endpoints, CancellationToken cancel) =>
            ToDocker.AnswerAsync(endpoints.JoinAsync(call.Body, cancel), DockerJson.Default.Joined));

        routes.MapPost("NetworkDriver.Leave", (FromDocker<EndpointCall> call, EndpointService endpoints) =>
            ToDocker.DoneAsync(endpoints.LeaveAsync(call.Body)));

        routes.MapPost("NetworkDriver.DeleteEndpoint", (FromDocker<EndpointCall> call, EndpointService endpoints) =>
            ToDocker.DoneAsync(endpoints.DeleteAsync(call.Body)));

        routes.MapPost("NetworkDriver.EndpointOperInfo",
            (FromDocker<EndpointCall> call, EndpointService endpoints, CancellationToken cancel) =>
            ToDocker.AnswerAsync(endpoints.DescribeAsync(call.Body, cancel), DockerJson.Default.OperationalInfo));

        routes.MapPost("NetworkDriver.ProgramExternalConnectivity",
            (FromDocker<ExternalConnectivity> call, EndpointService endpoints, CancellationToken cancel) =>
            ToDocker.DoneAsync(endpoints.ProgramAsync(call.Body, cancel)));

        routes.MapPost("NetworkDriver.RevokeExternalConnectivity", (FromDocker<EndpointCall> call, EndpointService endpoints) =>
            ToDocker.DoneAsync(endpoints.RevokeAsync(call.Body)));

        // Sent only to drivers of global connectivity; answered, since a refusal would be logged for nothing.
        routes.MapPost("NetworkDriver.DiscoverNew", () => ToDocker.Done());
        routes.MapPost("NetworkDriver.DiscoverDelete", () => ToDocker.Done());
        return routes;
    }
}
