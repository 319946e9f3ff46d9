using Docker.DotNet.Models;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Engine;

/// <summary>
/// Docker's names for ids that the driver knows. The command line requests them once, with a short time limit, never within a call of
/// Docker's; its output works without them.
/// </summary>
/// <param name="Networks">Network names by id.</param>
/// <param name="Containers">Container ids and names by endpoint id.</param>
/// <param name="Fault">Why there are none; null where the engine answered.</param>
internal sealed record EngineNames(
    IReadOnlyDictionary<string, string> Networks, IReadOnlyDictionary<string, (string Id, string Name)> Containers, string? Fault)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public static async Task<EngineNames> ReadAsync(Settings settings, CancellationToken cancel)
    {
        try
        {
            using var engine = new EngineClient(settings);
            return await engine.NamesAsync(Timeout, cancel);
        }
        catch (EngineException fault)
        {
            return new(new Dictionary<string, string>(), new Dictionary<string, (string, string)>(),
                $"{settings.DockerHost}: {fault.Message}");
        }
    }

    public static EngineNames Of(IEnumerable<NetworkResponse> networks, IEnumerable<ContainerListResponse> containers) =>
        new(networks.ToDictionary(network => network.ID, network => network.Name, StringComparer.Ordinal), ByEndpoint(containers), null);

    /// <summary>Notes on a network: that Docker does not have it, and remarks of its rebuild.</summary>
    public IEnumerable<string> NotesOn(StoredNetwork network)
    {
        if (Fault is null && !Networks.ContainsKey(network.Id))
            yield return $"{ShortId.Of(network.Id)} is stored, but this engine does not have it; if it was removed: cnid network "
                + $"forget {ShortId.Of(network.Id)}";
        if (network.Remark is { } remark)
            yield return $"{OfNetwork(network.Id)}: {remark}";
    }

    /// <summary>The network's name, or its short id where the name is unknown.</summary>
    public string OfNetwork(string id) => Networks.GetValueOrDefault(id) ?? ShortId.Of(id);

    private static Dictionary<string, (string Id, string Name)> ByEndpoint(IEnumerable<ContainerListResponse> containers)
    {
        var known = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var container in containers)
        {
            foreach (var endpoint in container.NetworkSettings?.Networks?.Values.Where(endpoint =>
                !string.IsNullOrEmpty(endpoint.EndpointID)) ?? [])
                known[endpoint.EndpointID] = (container.ID, EngineContainer.NameOf(container.Names) ?? ShortId.Of(container.ID));
        }
        return known;
    }
}
