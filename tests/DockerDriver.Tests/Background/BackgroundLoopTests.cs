using DockerDriver.Background;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.Background;

/// <summary>A failing loop must neither end the daemon, nor end without a report.</summary>
public sealed class BackgroundLoopTests
{
    public static TheoryData<string> Faults => ["timeout", "null", "end"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A2_LoopThatThrowsOrEnds_IsRestarted_AndReadinessReportsIt(string fault)
    {
        using var loop = new FailingLoop(fault);
        var readiness = new BackgroundLoopReadiness([loop]);
        await loop.StartAsync(TestContext.Current.CancellationToken);

        await loop.BeganAsync(); // 1
        await loop.BeganAsync(); // 2: it has failed once
        Assert.Contains(
            "the work of a test", await readiness.NotReadyReasonAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await loop.WorksAsync();
        Assert.Null(await readiness.NotReadyReasonAsync(TestContext.Current.CancellationToken));
        await loop.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(loop.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public void A2_EveryLoopOfTheDaemon_IsGuarded() => Assert.DoesNotContain(
        typeof(BackgroundLoop).Assembly.GetTypes(), type =>
            type.IsAssignableTo(typeof(IHostedService)) && !type.IsAssignableTo(typeof(BackgroundLoop)));

    private sealed class FailingLoop(string fault) : BackgroundLoop("the work of a test", TimeProvider.System, NullLogger.Instance)
    {
        private readonly SemaphoreSlim began = new(0);
        private readonly SemaphoreSlim worked = new(0);
        private int runs;

        public Task BeganAsync() => began.WaitAsync(TestContext.Current.CancellationToken);

        public Task WorksAsync() => worked.WaitAsync(TestContext.Current.CancellationToken);

        public override void Dispose()
        {
            began.Dispose();
            worked.Dispose();
            base.Dispose();
        }

        protected override async Task RunAsync(CancellationToken stop)
        {
            began.Release();
            if (++runs < 3)
                await FailAsync();
            if (runs < 3)
                return;
            Succeeded();
            worked.Release();
            await Task.Delay(Timeout.Infinite, stop);
        }

        private Task FailAsync() => fault switch
        {
            "timeout" => Task.FromException(new TaskCanceledException("the client's time is over")),
            "null" => Task.FromException(new ArgumentException("null")),
            _ => Task.CompletedTask,
        };
    }
}
