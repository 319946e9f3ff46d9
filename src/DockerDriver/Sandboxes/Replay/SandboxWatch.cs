using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>
/// Follows an interface into its sandbox without a call of Docker's: up to 27 none comes between the move and the start of the process. The
/// kernel notifies of the sandbox's mount and of changes in it.
/// </summary>
internal sealed partial class SandboxWatch(TimeProvider clock, ILogger<SandboxWatch> log)
{
    // From Join until Docker has set everything: it creates the container in between, and gives up after some 15 s.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // Docker does not tell an endpoint that it is not the gateway.
    private static readonly TimeSpan GatewayLimit = TimeSpan.FromSeconds(3);

    /// <summary>Calls <paramref name="carry"/> at every change until it is done, and a last time with <c>true</c> at the limit.</summary>
    /// <remarks>
    /// Runs on a thread of its own: it blocks in the kernel for seconds, and Docker's calls need the threads of the pool.
    /// </remarks>
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

    [LoggerMessage(LogLevel.Error, "endpoint {Endpoint}: the sandbox could not be followed: {Reason}; the plugins' other changes are "
        + "replayed within 30 s")]
    private partial void NotFollowed(string endpoint, string reason);
}
