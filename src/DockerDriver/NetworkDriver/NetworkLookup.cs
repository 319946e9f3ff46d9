using DockerDriver.Errors;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>Finds the network that a call names.</summary>
internal sealed class NetworkLookup(StateFolder<StoredNetwork> networks, LostNetworks lost)
{
    public StoredNetwork? Find(string id) => networks.Find(id);

    /// <exception cref="RefusedException">There is no such network; has the reason and a solution.</exception>
    public StoredNetwork Get(string id) => networks.Find(id) ?? throw lost.RefusalFor(id);
}
