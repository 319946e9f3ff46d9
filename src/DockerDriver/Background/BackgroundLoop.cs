using DockerDriver.Errors;

namespace DockerDriver.Background;

/// <summary>
/// Work that runs as long as the daemon. If a loop throws, the daemon continues and the loop starts again. The failure is logged, and
/// reported by readiness (<see cref="BackgroundLoopReadiness"/>) and by the doctor.
/// </summary>
/// <param name="work">What it does, for an administrator, such as <c>network cleanup</c>.</param>
/// <param name="clock">The clock of the pauses between tries.</param>
/// <param name="log">Where failures are logged: once each, until it works again.</param>
internal abstract partial class BackgroundLoop(string work, TimeProvider clock, ILogger log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    private volatile string? fault;
    private long lastSign = clock.GetTimestamp();

    protected TimeProvider Clock { get; } = clock;

    protected readonly ILogger Log = log;

    /// <summary>What it does, for an administrator.</summary>
    public string Work => work;

    /// <summary>Why it does not work at present; null where it does.</summary>
    public string? Fault => fault;

    /// <summary>The time since it last ended a pass, with success or without; zero where it waits for events.</summary>
    public TimeSpan SilentFor => WaitsForEvents ? TimeSpan.Zero : Clock.GetElapsedTime(Interlocked.Read(ref lastSign));

    /// <summary>Whether it makes no passes at intervals: it may wait for its next event for ever.</summary>
    protected virtual bool WaitsForEvents => false;

    /// <summary>
    /// The work. It returns when the token is cancelled; after an exception, or an earlier return, it is started again after a pause.
    /// </summary>
    protected abstract Task RunAsync(CancellationToken stop);

    /// <summary>Call after each successful pass.</summary>
    protected void Succeeded()
    {
        Interlocked.Exchange(ref lastSign, Clock.GetTimestamp());
        if (Interlocked.Exchange(ref fault, null) is not null)
            WorkResumed(work);
    }

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        CurrentWork.Begin(work);
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = Clock.GetTimestamp();
            try
            {
                await RunAsync(stoppingToken);
                if (!stoppingToken.IsCancellationRequested)
                    SetFault("it returned unexpectedly", null);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (EngineException caught)
            {
                SetFault($"the engine fails: {caught.Message}", null);
            }
            catch (Exception caught)
            {
                SetFault(caught.Message, caught);
            }
            var longer = pause * 2 < MaxPause ? pause * 2 : MaxPause;
            pause = Clock.GetElapsedTime(began) > MaxPause ? FirstPause : longer;
            await Task.Delay(pause, Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void SetFault(string reason, Exception? unexpected)
    {
        Interlocked.Exchange(ref lastSign, Clock.GetTimestamp());
        if (Interlocked.Exchange(ref fault, reason) == reason)
            WorkStillFails(work, reason);
        else if (unexpected is null)
            WorkWaits(work, reason);
        else
            WorkFailed(work, reason, unexpected);
    }

    [LoggerMessage(LogLevel.Error, "{Work} failed: {Reason}; it starts again within seconds")]
    private partial void WorkFailed(string work, string reason, Exception fault);

    [LoggerMessage(LogLevel.Warning, "{Work} cannot continue: {Reason}; it is retried every few seconds")]
    private partial void WorkWaits(string work, string reason);

    [LoggerMessage(LogLevel.Debug, "{Work} still fails: {Reason}")]
    private partial void WorkStillFails(string work, string reason);

    [LoggerMessage(LogLevel.Information, "{Work} works again")]
    private partial void WorkResumed(string work);
}
