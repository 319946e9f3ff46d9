using DockerDriver.NoneNetwork;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;

namespace DockerDriver.Admin;

/// <summary>
/// Calls about containers of <c>--network none</c>: those that start and wait for their networks, and those that are not rid of them.
/// </summary>
internal sealed class NoneNetworkCalls(NoneNetworkService service, NoneNetworkWatcher watcher)
{
    /// <summary>Tries again the DELs of a network that have failed.</summary>
    public async Task<Retried> RetryAsync(string network)
    {
        var tried = await service.RetryAsync(network);
        foreach (var id in tried)
            watcher.Follow(id); // it may run again, or be gone
        return new(tried.Count);
    }

    public async Task<Attached> AttachAsync(AttachCall call, CancellationToken cancel)
    {
        try
        {
            var starting = new StartingContainer(call.Id, call.NetNs, call.Pid) { Labels = call.Labels, Published = call.Ports,
                Folder = call.Folder ?? "", Name = call.Name ?? "" };
            return new(await service.AttachAsync(starting, cancel));
        }
        finally
        {
            watcher.Follow(call.Id);
        }
    }
}
