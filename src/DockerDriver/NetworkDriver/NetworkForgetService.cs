using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>Forgets a network by hand: one that is kept because nobody can say that it is gone.</summary>
internal sealed class NetworkForgetService(
    Settings settings, StateFolder<StoredNetwork> networks, StateFolder<StoredEndpoint> endpoints, NetworkService service,
    EngineClient engine)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <param name="name">Its Docker id or the beginning of that, or its list's name.</param>
    /// <param name="isForced">The engine is not asked.</param>
    /// <param name="cancel">Ends the question to the engine.</param>
    /// <returns>The network.</returns>
    /// <exception cref="RefusedException">It is not to be forgotten; says what to do instead.</exception>
    public async Task<StoredNetwork> ForgetAsync(string name, bool isForced, CancellationToken cancel)
    {
        var network = Find(name);
        var used = endpoints.All.Where(endpoint => endpoint.NetworkId == network.Id).Select(endpoint => ShortId.Of(endpoint.Id)).ToList();
        if (used.Count > 0)
            throw new RefusedException(
                $"the network {ShortId.Of(network.Id)} has endpoints: {string.Join(", ", used)}; see: cnid attachments");
        if (!isForced)
            await RefuseLiveAsync(network, cancel);
        service.Forget(network);
        return network;
    }

    private StoredNetwork Find(string name)
    {
        List<StoredNetwork> found = name.Length == 0 ? []
            : [.. networks.All.Where(network => network.Id.StartsWith(name, StringComparison.Ordinal) || network.ListName == name)];
        return found switch
        {
            [var one] => one,
            [] => throw new RefusedException($"cnid knows no network {name}; see: cnid networks"),
            _ => throw new RefusedException(
                $"{name} can be {string.Join(" or ", found.Select(network => ShortId.Of(network.Id)))}: give more of the id"),
        };
    }

    private async Task RefuseLiveAsync(StoredNetwork network, CancellationToken cancel)
    {
        try
        {
            if ((await engine.ReportAsync(Limit, cancel)).Networks.TryGetValue(network.Id, out var live))
                throw new RefusedException($"Docker has the network {live.Name}: remove it with: docker network rm {live.Name}");
        }
        catch (EngineException fault)
        {
            throw new RefusedException(
                $"{settings.DockerHost} cannot be asked whether it has the network {ShortId.Of(network.Id)}: {fault.Message}; "
                + $"to forget it all the same: cnid network forget --force {ShortId.Of(network.Id)}");
        }
    }
}
