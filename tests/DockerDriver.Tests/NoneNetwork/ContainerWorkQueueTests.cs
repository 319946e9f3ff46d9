using DockerDriver.NoneNetwork;

namespace DockerDriver.Tests.NoneNetwork;

public sealed class ContainerWorkQueueTests
{
    [Fact]
    public async Task Work_ThatFailed_IsDoneAgainWhenItIsAskedForAgain()
    {
        var times = 0;
        var work = new ContainerWorkQueue(_ =>
            times++ == 0 ? Task.FromException(new InvalidOperationException("nobody thought of this")) : Task.CompletedTask);
        work.Start("one");
        await work.WhenIdleAsync().ContinueWith(_ =>
            { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
        work.Start("one");
        await work.WhenIdleAsync();
        Assert.Equal(2, times);
    }
}
