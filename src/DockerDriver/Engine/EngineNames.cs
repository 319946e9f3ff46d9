using Docker.DotNet.Models;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Engine;

/// <summary>
/// Docker's names for what the driver only knows by id. Asked for by the verbs, once and with little patience: never within a call of
/// Docker's, and what is listed is listed without them too.
/// </summary>
/// <param name="Networks">Names of networks by their ids.</param>
/// <param name="Containers">Ids and names of containers by their endpoints' ids.</param>
/// <param name="Fault">Why there are none; null where the engine has answered.</param>
internal sealed record EngineNames(
    IReadOnlyDictionary<string, string> Networks, IReadOnlyDictionary<string, (string Id, string Name)> Containers, string? Fault)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<EngineNames> AskAsync(Settings settings, CancellationToken cancel)
    {
        try
        {
            using var engine = new EngineClient(settings);
            return await engine.NamesAsync(Patience, cancel);
        }
        catch (EngineException fault)
        {
            return new(new Dictionary<string, string>(), new Dictionary<string, (string, string)>(),
                $"{settings.DockerHost}: {fault.Message}");
        }
    }

    public static EngineNames Of(IEnumerable<NetworkResponse> networks, IEnumerable<ContainerListResponse> containers) =>
        new(networks.ToDictionary(network => network.ID, network => network.Name, StringComparer.Ordinal), ByEndpoint(containers), null);

    /// <summary>What is to be said of a network besides: that Docker does not have it, and what its rebuilding has left open.</summary>
    public IEnumerable<string> NotesOn(StoredNetwork network)
    {
        if (Fault is null && !Networks.ContainsKey(network.Id))
            yield return $"{ShortId.Of(network.Id)} is kept, but the engine that is asked does not have it; if it is gone: cnid network "
                + $"forget {ShortId.Of(network.Id)}";
        if (network.Remark is { } remark)
            yield return $"{OfNetwork(network.Id)}: {remark}";
    }

    /// <summary>The network's name; where Docker has not told it, the short id.</summary>
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
