using Docker.DotNet.Models;
using DockerDriver.Background;
using DockerDriver.Errors;

namespace DockerDriver.Engine;

/// <summary>
/// Docker's event stream, read once for all subscribers. An event only tells that something has happened; subscribers ask the engine for
/// the state. After a gap in the stream anything may have changed.
/// </summary>
internal sealed class EngineEvents(
    EngineClient engine, IEnumerable<EngineSubscriber> subscribers, TimeProvider clock, ILogger<EngineEvents> log)
    : BackgroundLoop("following the engine's events", clock, log), IProgress<Message>
{
    private const string Network = "network";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The events that can change whether a container is to be attached, or its name. Not pause and unpause; stop and kill are followed by
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
                subscriber.NetworkDisconnected(id);
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
                subscriber.StreamStarted();
            do
            {
                // The stream of an idle engine is silent, and so is that of a hanging one.
                await await Task.WhenAny(stream, engine.PingAsync(EngineClient.LookUpLimit, ends.Token));
                if (!stream.IsCompleted)
                    Succeeded();
            }
            while (await Task.WhenAny(stream, Task.Delay(Interval, Clock, ends.Token)) != stream);
            await stream;
            throw new EngineException("its stream of events has ended"); // as at a restart
        }
        finally
        {
            await ends.CancelAsync();
            foreach (var subscriber in subscribers)
                subscriber.StreamEnded();
        }
    }
}
