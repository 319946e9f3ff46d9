using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>Forgets a network manually, where it is kept because no engine confirms its removal.</summary>
internal sealed class NetworkForgetService(
    Settings settings, StateFolder<StoredNetwork> networks, StateFolder<StoredEndpoint> endpoints, NetworkService service,
    EngineClient engine)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <param name="name">Its Docker id or the beginning of it, or its list's name.</param>
    /// <param name="isForced">Do not ask the engine.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <returns>The forgotten network.</returns>
    /// <exception cref="RefusedException">It must not be forgotten; has an alternative.</exception>
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
            [var only] => only,
            [] => throw new RefusedException($"there is no network {name}; see: cnid networks"),
            _ => throw new RefusedException(
                $"{name} is ambiguous: {string.Join(" or ", found.Select(network => ShortId.Of(network.Id)))}; use a longer id"),
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
                + $"to forget it anyway: cnid network forget --force {ShortId.Of(network.Id)}");
        }
    }
}
