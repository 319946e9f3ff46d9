using DockerDriver.Errors;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>The networks of which calls speak.</summary>
internal sealed class NetworkLookup(StateFolder<StoredNetwork> networks, LostNetworks unknown)
{
    public StoredNetwork? Find(string id) => networks.Find(id);

    /// <exception cref="RefusedException">There is none of that id; says why, and the way out.</exception>
    public StoredNetwork Get(string id) => networks.Find(id) ?? throw unknown.Refusal(id);
}
