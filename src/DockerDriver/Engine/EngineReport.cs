using System.Globalization;
using Docker.DotNet;
using Docker.DotNet.Models;
using DockerDriver.Errors;
using DockerDriver.State;

namespace DockerDriver.Engine;

/// <summary>
/// What an engine says of itself and its networks. Asked on cnid's own time, never within a call of the engine's: at its start that would
/// be a deadlock.
/// </summary>
/// <param name="Identity">Which engine it is.</param>
/// <param name="Version">Such as <c>29.7.2</c>.</param>
/// <param name="Networks">All of its networks, of whatever driver, by their ids.</param>
internal sealed record EngineReport(EngineIdentity Identity, string Version, IReadOnlyDictionary<string, NetworkResponse> Networks)
{
    private const string None = "none";

    /// <summary>The version's first number; 0 where the engine does not say it.</summary>
    public int Major => int.TryParse(Version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0;

    /// <exception cref="EngineException">There is no usable answer.</exception>
    public static Task<EngineReport> AskAsync(DockerClient docker, TimeSpan limit, CancellationToken cancel) => DockerApi.AskAsync(
        async limited =>
        {
            var info = await docker.System.GetSystemInfoAsync(limited);
            var networks = (await docker.Networks.ListNetworksAsync(new NetworksListParameters(), limited))
                .ToDictionary(network => network.ID, StringComparer.Ordinal);
            return networks.Values.FirstOrDefault(network => network.Name == None) is { } none && info.ID.Length > 0
                ? new EngineReport(new(info.ID, none.ID), info.ServerVersion ?? "", networks)
                : throw new EngineException("it does not say which engine it is: its id, or its network 'none', is missing");
        },
        limit,
        cancel);
}
