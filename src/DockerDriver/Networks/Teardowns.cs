using System.Collections.Concurrent;
using DockerDriver.Hosting;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>
/// Tears down endpoints that Docker will not mention again. Side by side, and those of one list apart from those of another: one plugin that
/// hangs holds up nothing else.
/// </summary>
internal sealed partial class Teardowns(EndpointService service, ILogger<Teardowns> log)
{
    private const int OfOneList = 4;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> underWay = new(StringComparer.Ordinal);

    /// <summary>Begins, unless it is under way. What is returned completes when the try has ended, whatever came of it.</summary>
    public Task Start(StoredEndpoint endpoint)
    {
        lock (underWay)
        {
            return underWay.TryGetValue(endpoint.Id, out var running) ? running : underWay[endpoint.Id] = Task.Run(() => RunAsync(endpoint));
        }
    }

    private async Task RunAsync(StoredEndpoint endpoint)
    {
        var place = places.GetOrAdd(endpoint.ListName, _ => new(OfOneList));
        await place.WaitAsync();
        try
        {
            await service.ForgetAsync(endpoint);
        }
        catch (Exception fault)
        {
            NotTornDown(ShortId.Of(endpoint.Id), fault.Message); // stored and logged where it failed, with the time of the next try
        }
        finally
        {
            place.Release();
            lock (underWay)
                underWay.Remove(endpoint.Id);
        }
    }

    [LoggerMessage(LogLevel.Debug, "endpoint {Endpoint} was not torn down: {Reason}")]
    private partial void NotTornDown(string endpoint, string reason);
}
