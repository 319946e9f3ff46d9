using System.Threading.Channels;
using Docker.DotNet.Models;

namespace DockerDriver.Engine;

/// <summary>
/// Takes Docker's events in as they come: the ids of containers that something has happened to, and of networks that one has left. What,
/// the engine is asked anew.
/// </summary>
/// <param name="changed">Where they go.</param>
/// <param name="concerns">Whether a container may be of concern, by its id and labels: most are not, and nothing is asked about
/// those.</param>
/// <param name="departed">Told of each network that a container is disconnected from.</param>
internal sealed class ContainerEvents(
    ChannelWriter<string> changed, Func<string, IDictionary<string, string>, bool> concerns, Action<string> departed) : IProgress<Message>
{
    private const string Network = "network";

    /// <summary>
    /// What can change whether a container is to be attached, or what it is called. Not pause and unpause, nor stop and kill: those end in
    /// <c>die</c>.
    /// </summary>
    public static readonly Dictionary<string, IDictionary<string, bool>> Filter = new()
    {
        ["type"] = new Dictionary<string, bool> { ["container"] = true, [Network] = true },
        ["event"] = new[] { "create", "start", "die", "destroy", "rename", "disconnect" }.ToDictionary(name => name, _ => true),
    };

    public void Report(Message value)
    {
        if (value.Actor is not { ID: { Length: > 0 } id } actor)
            return;
        if (value is { Type: Network, Action: "disconnect" })
            departed(id);
        else if (value.Type != Network && concerns(id, actor.Attributes ?? new Dictionary<string, string>()))
            changed.TryWrite(id);
    }
}
