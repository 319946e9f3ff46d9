using DockerDriver.NoneNetwork;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;

namespace DockerDriver.Admin;

/// <summary>Admin calls about containers of <c>--network none</c>: attach at start, and retries of DEL.</summary>
internal sealed class NoneNetworkCalls(NoneNetworkService service, NoneNetworkWatcher watcher)
{
    /// <summary>Retries the failed DELs of a network.</summary>
    public async Task<RetryResponse> RetryAsync(string network)
    {
        var tried = await service.RetryAsync(network);
        foreach (var id in tried)
            watcher.Follow(id); // it may be running again, or be removed
        return new(tried.Count);
    }

    public async Task<AttachResponse> AttachAsync(AttachRequest call, CancellationToken cancel)
    {
        try
        {
            var starting = new StartingContainer(call.Id, call.NetNs, call.Pid)
            {
                Labels = call.Labels, Published = call.Ports,
                Folder = call.Folder ?? "", Name = call.Name ?? ""
            };
            return new(await service.AttachAsync(starting, cancel));
        }
        finally
        {
            watcher.Follow(call.Id);
        }
    }
}
