using CniCore.Linux.Namespaces;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Tests.Sandboxes;

public sealed class SandboxTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    private StoredEndpoint Endpoint => new() { Id = new string('a', 64), NetworkId = "n1", ListName = "pods", SandboxKey = path };

    public void Dispose()
    {
        NetworkNamespace.Unpin(path);
        File.Delete(path);
    }

    [Fact]
    public void PathThatIsNoNamespace_IsEmptyAndHasNoProcesses()
    {
        Assert.False(Sandbox.HasProcesses(Endpoint));
        Assert.Null(Sandbox.Find(Endpoint));
    }

    // Docker may unmount and remove it at any time.
    [Fact]
    public async Task B_NamespaceThatDisappearsDuringTheCheck_IsNoFault()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: network namespaces");
        File.Delete(path);
        using var stop = new CancellationTokenSource();
        var looks = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    _ = Sandbox.HasProcesses(Endpoint);
                    _ = Sandbox.HasInterface(Endpoint);
                }
            },
            TestContext.Current.CancellationToken);
        for (var round = 0; round < 40; round++)
        {
            NetworkNamespace.CreatePinned(path).Dispose();
            NetworkNamespace.Unpin(path);
        }
        await stop.CancelAsync();
        await looks;
    }
}
