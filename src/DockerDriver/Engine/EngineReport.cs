using Docker.DotNet.Models;
using DockerDriver.Errors;
using DockerDriver.State;

namespace DockerDriver.Engine;

/// <summary>An engine's identity, version and networks.</summary>
/// <param name="Identity">Identifies the engine.</param>
/// <param name="Version">Such as <c>29.7.2</c>.</param>
/// <param name="Networks">All of its networks, of any driver, by id.</param>
internal sealed record EngineReport(EngineIdentity Identity, string Version, IReadOnlyDictionary<string, NetworkResponse> Networks)
{
    private const string None = "none";

    /// <summary>The major version; 0 where it is unknown.</summary>
    public int Major => EngineVersion.Parse(Version)?.Major ?? 0;

    /// <exception cref="EngineException">Its answer does not identify it.</exception>
    public static EngineReport Of(SystemInfoResponse info, IEnumerable<NetworkResponse> networks)
    {
        var byId = networks.ToDictionary(network => network.ID, StringComparer.Ordinal);
        return byId.Values.FirstOrDefault(network => network.Name == None) is { } none && info.ID.Length > 0
            ? new(new(info.ID, none.ID), info.ServerVersion ?? "", byId)
            : throw new EngineException("its answer does not identify it: its id, or its network 'none', is missing");
    }
}
