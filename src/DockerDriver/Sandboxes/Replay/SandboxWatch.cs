using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>
/// Follows an interface into its sandbox where no call of Docker's does: up to v27 none comes between the move and the start of the
/// process. The kernel tells when the sandbox is mounted and when something changes in it.
/// </summary>
internal sealed partial class SandboxWatch(TimeProvider clock, ILogger<SandboxWatch> log)
{
    // From Join until Docker has set all it was told: it makes the container in between, and gives up after some 15 s itself.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // A container that is not the gateway over this endpoint will not hear so.
    private static readonly TimeSpan GatewayLimit = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Calls <paramref name="carry"/> whenever there may be something to do, until it is done; at the limit with true: it is the last time.
    /// </summary>
    /// <remarks>On a thread of its own, from one end to the other: it waits in the kernel for seconds, and of the pool's threads Docker's
    /// calls have need.</remarks>
    public void Follow(StoredEndpoint endpoint, Func<bool, Task<ReplayProgress>> carry) => new Thread(() =>
    {
        try
        {
            UntilDone(endpoint, carry);
        }
        catch (Exception fault)
        {
            NotFollowed(ShortId.Of(endpoint.Id), fault.Message);
        }
    })
    { IsBackground = true, Name = "sandbox " + ShortId.Of(endpoint.Id) }.Start();

    private void UntilDone(StoredEndpoint endpoint, Func<bool, Task<ReplayProgress>> carry)
    {
        var until = clock.GetUtcNow() + Limit;
        using var sandbox = NetworkNamespace.AwaitAt(endpoint.SandboxKey, Limit);
        if (sandbox is null)
            return; // never started
        using var changes = RouteMonitor.OpenIn(sandbox);
        var progress = ReplayProgress.NotReady;
        while (true)
        {
            var left = until - clock.GetUtcNow();
            var next = carry(left <= TimeSpan.Zero).GetAwaiter().GetResult();
            if (next is ReplayProgress.Done or ReplayProgress.NothingToDo || left <= TimeSpan.Zero)
                return;
            if (next == ReplayProgress.AwaitsGateway && progress != next)
                until = clock.GetUtcNow() + GatewayLimit;
            progress = next;
            changes.Wait(until - clock.GetUtcNow());
        }
    }

    [LoggerMessage(LogLevel.Error, "endpoint {Endpoint}: the sandbox could not be followed: {Reason}; what its plugins left besides is "
        + "carried over by the next look, within 30 s")]
    private partial void NotFollowed(string endpoint, string reason);
}
