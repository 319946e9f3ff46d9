using DockerDriver.NoneNetwork;

namespace DockerDriver.Admin;

/// <summary>Calls of containers that start and wait for their networks.</summary>
internal sealed class AttachCalls(NoneNetworkService service, NoneNetworkWatcher watcher)
{
    public async Task<Attached> AttachAsync(AttachCall call, CancellationToken cancel)
    {
        try
        {
            var starting = new StartingContainer(call.Id, call.NetNs, call.Pid) { Labels = call.Labels, Folder = call.Folder ?? "", Name = call.Name ?? "" };
            return new(await service.AttachAsync(starting, cancel));
        }
        finally
        {
            watcher.Follow(call.Id);
        }
    }
}
