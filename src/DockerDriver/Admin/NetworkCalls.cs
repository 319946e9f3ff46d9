using DockerDriver.NetworkDriver;
using DockerDriver.Protocol;

namespace DockerDriver.Admin;

/// <summary>Admin calls about Docker's networks.</summary>
internal sealed class NetworkCalls(NetworkForgetService forgetting)
{
    public async Task<ForgetResponse> ForgetAsync(string network, bool isForced, CancellationToken cancel)
    {
        var forgotten = await forgetting.ForgetAsync(network, isForced, cancel);
        return new(forgotten.Id, forgotten.ListName);
    }
}
