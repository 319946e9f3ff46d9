using DockerDriver.Background;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Tears down endpoints that Docker will not mention again, side by side: a plugin that hangs holds up nothing but its own list.
/// </summary>
internal sealed partial class Teardowns(EndpointService service, ILogger<Teardowns> log)
{
    private readonly SideBySide work = new();

    /// <summary>Begins, unless it is under way. What is returned completes when the try has ended, whatever came of it.</summary>
    public Task Start(StoredEndpoint endpoint) => work.Start(endpoint.Id, endpoint.ListName, () => RunAsync(endpoint));

    private async Task RunAsync(StoredEndpoint endpoint)
    {
        try
        {
            await service.ForgetAsync(endpoint);
        }
        catch (Exception fault)
        {
            NotTornDown(ShortId.Of(endpoint.Id), fault.Message); // stored and logged where it failed, with the time of the next try
        }
    }

    [LoggerMessage(LogLevel.Debug, "endpoint {Endpoint} was not torn down: {Reason}")]
    private partial void NotTornDown(string endpoint, string reason);
}
