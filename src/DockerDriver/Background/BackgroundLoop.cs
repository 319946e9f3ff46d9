using DockerDriver.Errors;

namespace DockerDriver.Background;

/// <summary>
/// Work that goes on as long as the daemon does. Whatever a loop throws, the daemon goes on and the loop begins again. What keeps it from
/// its work is not only logged: readiness says it (<see cref="BackgroundLoopReadiness"/>), and so does the doctor.
/// </summary>
/// <param name="work">What it does, in words for an administrator, such as <c>network cleanup</c>.</param>
/// <param name="clock">Measures the pauses between two tries.</param>
/// <param name="log">Where faults go: once each, until it works again.</param>
internal abstract partial class BackgroundLoop(string work, TimeProvider clock, ILogger log) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private volatile string? fault;

    protected TimeProvider Clock { get; } = clock;

    protected readonly ILogger Log = log;

    /// <summary>What it does.</summary>
    public string Work => work;

    /// <summary>Why it does not do its work at present; null where it does.</summary>
    public string? Fault => fault;

    /// <summary>The work. Ends with the token; anything it throws, or an end before, makes it begin again after a pause.</summary>
    protected abstract Task RunAsync(CancellationToken stop);

    /// <summary>To be called after each pass that went well: the loop works (again).</summary>
    protected void Succeeded()
    {
        if (Interlocked.Exchange(ref fault, null) is not null)
            WorksAgain(work);
    }

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = Clock.GetTimestamp();
            try
            {
                await RunAsync(stoppingToken);
                if (!stoppingToken.IsCancellationRequested)
                    Note("it ended by itself", null);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (EngineException caught)
            {
                Note($"the engine fails: {caught.Message}", null);
            }
            catch (Exception caught)
            {
                Note(caught.Message, caught);
            }
            var longer = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            pause = Clock.GetElapsedTime(began) > LongestPause ? FirstPause : longer;
            await Task.Delay(pause, Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Note(string reason, Exception? unexpected)
    {
        if (Interlocked.Exchange(ref fault, reason) == reason)
            StillFails(work, reason);
        else if (unexpected is null)
            Waits(work, reason);
        else
            Fails(work, reason, unexpected);
    }

    [LoggerMessage(LogLevel.Error, "{Work} failed: {Reason}; it begins again within seconds")]
    private partial void Fails(string work, string reason, Exception fault);

    [LoggerMessage(LogLevel.Warning, "{Work} cannot go on: {Reason}; it is tried again every few seconds")]
    private partial void Waits(string work, string reason);

    [LoggerMessage(LogLevel.Debug, "{Work} still fails: {Reason}")]
    private partial void StillFails(string work, string reason);

    [LoggerMessage(LogLevel.Information, "{Work} works again")]
    private partial void WorksAgain(string work);
}
