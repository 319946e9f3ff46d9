using Docker.DotNet.Models;
using DockerDriver.Errors;
using DockerDriver.State;

namespace DockerDriver.Engine;

/// <summary>What an engine says of itself and its networks.</summary>
/// <param name="Identity">Which engine it is.</param>
/// <param name="Version">Such as <c>29.7.2</c>.</param>
/// <param name="Networks">All of its networks, of whatever driver, by their ids.</param>
internal sealed record EngineReport(EngineIdentity Identity, string Version, IReadOnlyDictionary<string, NetworkResponse> Networks)
{
    private const string None = "none";

    /// <summary>The version's first number; 0 where the engine does not say it.</summary>
    public int Major => EngineVersion.Parse(Version)?.Major ?? 0;

    /// <exception cref="EngineException">It does not say which engine it is.</exception>
    public static EngineReport Of(SystemInfoResponse info, IEnumerable<NetworkResponse> networks)
    {
        var byId = networks.ToDictionary(network => network.ID, StringComparer.Ordinal);
        return byId.Values.FirstOrDefault(network => network.Name == None) is { } none && info.ID.Length > 0
            ? new(new(info.ID, none.ID), info.ServerVersion ?? "", byId)
            : throw new EngineException("it does not say which engine it is: its id, or its network 'none', is missing");
    }
}
