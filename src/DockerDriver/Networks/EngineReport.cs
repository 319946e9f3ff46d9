using Docker.DotNet;
using Docker.DotNet.Models;
using DockerDriver.Hosting;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>
/// What an engine says of itself and its networks. Asked on cnid's own time, never within a call of the engine's: at its start that would
/// be a deadlock.
/// </summary>
/// <param name="Identity">Which engine it is.</param>
/// <param name="Networks">All of its networks, of whatever driver, by their ids.</param>
internal sealed record EngineReport(EngineIdentity Identity, IReadOnlyDictionary<string, NetworkResponse> Networks)
{
    private const string None = "none";

    /// <exception cref="EngineException">There is no usable answer.</exception>
    public static Task<EngineReport> AskAsync(DockerClient docker, TimeSpan limit, CancellationToken cancel) => DockerApi.AskAsync(
        async limited =>
        {
            var id = (await docker.System.GetSystemInfoAsync(limited)).ID;
            var networks = (await docker.Networks.ListNetworksAsync(new NetworksListParameters(), limited)).ToDictionary(network => network.ID, StringComparer.Ordinal);
            return networks.Values.FirstOrDefault(network => network.Name == None) is { } none && id.Length > 0
                ? new EngineReport(new(id, none.ID), networks)
                : throw new EngineException("it does not say which engine it is: its id, or its network 'none', is missing");
        },
        limit,
        cancel);
}
