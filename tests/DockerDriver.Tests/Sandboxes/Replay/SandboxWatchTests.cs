using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.Sandboxes.Replay;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.Sandboxes.Replay;

public sealed class SandboxWatchTests : IDisposable
{
    private readonly string sandbox = Path.GetTempFileName();

    public void Dispose()
    {
        NetworkNamespace.Unpin(sandbox);
        File.Delete(sandbox);
    }

    [Fact]
    public async Task Follow_WaitsOnAThreadOfItsOwn_AlsoAfterItsFirstLook()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: network namespaces");
        File.Delete(sandbox);
        using var space = NetworkNamespace.CreatePinned(sandbox);
        var endpoint = new StoredEndpoint { Id = new string('a', 64), NetworkId = "n1", ListName = "pods", SandboxKey = sandbox };
        var second = new TaskCompletionSource<bool>();
        var looks = 0;
        new SandboxWatch(TimeProvider.System, NullLogger<SandboxWatch>.Instance).Follow(endpoint, async _ =>
        {
            if (looks++ > 0)
            {
                second.SetResult(Thread.CurrentThread.IsThreadPoolThread);
                return ReplayProgress.Done;
            }
            await Task.Yield();
            using var inside = RouteSocket.OpenIn(space);
            inside.SetUp(inside.FindLink("lo")!.Index);
            return ReplayProgress.NotReady;
        });
        Assert.False(await second.Task);
    }
}
