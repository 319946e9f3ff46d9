using System.Threading.Channels;
using Docker.DotNet.Models;

namespace DockerDriver.NoneNetwork;

/// <summary>Takes Docker's events in as they come: the ids of containers that something has happened to. What, the engine is asked anew.</summary>
internal sealed class ContainerEvents(ChannelWriter<string> changed) : IProgress<Message>
{
    /// <summary>What can change whether a container is to be attached, or what it is called. Not pause and unpause, nor stop and kill: those end in <c>die</c>.</summary>
    public static readonly Dictionary<string, IDictionary<string, bool>> Filter = new()
    {
        ["type"] = new Dictionary<string, bool> { ["container"] = true },
        ["event"] = new[] { "create", "start", "die", "destroy", "rename" }.ToDictionary(name => name, _ => true),
    };

    public void Report(Message value)
    {
        if (value.Actor?.ID is { Length: > 0 } id)
            changed.TryWrite(id);
    }
}
