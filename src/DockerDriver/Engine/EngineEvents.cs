using Docker.DotNet.Models;
using DockerDriver.Background;
using DockerDriver.Errors;

namespace DockerDriver.Engine;

/// <summary>
/// Docker's events, followed once for all who want to hear of them. They only say that something has happened: what, the engine is asked
/// anew. After a gap in the stream anything may have.
/// </summary>
internal sealed class EngineEvents(
    EngineClient engine, IEnumerable<EngineSubscriber> subscribers, TimeProvider clock, ILogger<EngineEvents> log)
    : BackgroundLoop("following the engine's events", clock, log), IProgress<Message>
{
    private const string Network = "network";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// What can change whether a container is to be attached, or what it is called. Not pause and unpause, nor stop and kill: those end in
    /// <c>die</c>.
    /// </summary>
    public static readonly Dictionary<string, IDictionary<string, bool>> Filter = new()
    {
        ["type"] = new Dictionary<string, bool> { ["container"] = true, [Network] = true },
        ["event"] = new[] { "create", "start", "die", "destroy", "rename", "disconnect" }.ToDictionary(name => name, _ => true),
    };

    private readonly IReadOnlyList<EngineSubscriber> subscribers = [.. subscribers];

    public void Report(Message value)
    {
        if (value.Actor is not { ID: { Length: > 0 } id } actor)
            return;
        foreach (var subscriber in subscribers)
        {
            if (value is { Type: Network, Action: "disconnect" })
                subscriber.Disconnected(id);
            else if (value.Type != Network)
                subscriber.ContainerChanged(id, actor.Attributes ?? new Dictionary<string, string>());
        }
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            var stream = engine.FollowAsync(this, ends.Token);
            foreach (var subscriber in subscribers)
                subscriber.Began();
            do
            {
                // The stream of an engine that rests is silent; so is that of one that hangs.
                await await Task.WhenAny(stream, engine.PingAsync(EngineClient.LookUpLimit, ends.Token));
                if (!stream.IsCompleted)
                    Succeeded();
            }
            while (await Task.WhenAny(stream, Task.Delay(Interval, Clock, ends.Token)) != stream);
            await stream;
            throw new EngineException("its stream of events has ended"); // as it does when it is restarted
        }
        finally
        {
            await ends.CancelAsync();
            foreach (var subscriber in subscribers)
                subscriber.Ended();
        }
    }
}
