using CniCore.Spec;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>What the calls come down to: an attachment is made, handed over, unmade. What fails half-way is unmade at once.</summary>
internal sealed partial class EndpointService
{
    private async Task<StoredEndpoint> AddAsync(StoredNetwork network, StoredEndpoint endpoint, string sandbox, IReadOnlyList<PortBinding> published, CancellationToken cancel)
    {
        var wanted = ListJson.Asks(network.List, "portMappings") ? published : NotPublished(network, published);
        await AwaitFormerAsync(endpoint, wanted, cancel);
        endpoint = Intend(endpoint, sandbox, wanted);
        try
        {
            var (result, mac, link, belongings) = await attacher.AddAsync(network, endpoint, cancel);
            endpoint = endpoint with { Phase = EndpointPhase.Held, Link = link, Belongings = belongings };
            if (endpoint.Mac.Length == 0 || belongings is not null)
                Save(endpoint = endpoint with { Mac = endpoint.Mac.Length == 0 ? mac : endpoint.Mac });
            Added(string.Join(", ", result.Ips.Select(ip => ip.Address)), string.Join(", ", endpoint.Ports));
            return endpoint;
        }
        catch
        {
            await UnmakeAsync(endpoint, maySandboxServe: false, throwOnFault: false);
            throw;
        }
    }

    // Its ports and what it will be, on disk; or neither, and nothing has been made.
    private StoredEndpoint Intend(StoredEndpoint endpoint, string sandbox, IReadOnlyList<PortBinding> published)
    {
        endpoint = endpoint with { Ports = ports.Take(endpoint.Id, sandbox, published), SandboxKey = sandbox };
        try
        {
            Save(endpoint with { Phase = EndpointPhase.Held });
            return endpoint;
        }
        catch
        {
            ports.Release(endpoint.Id);
            throw;
        }
    }

    private async Task<StoredEndpoint> HandOverAsync(StoredEndpoint endpoint)
    {
        try
        {
            endpoint = endpoint with { Phase = EndpointPhase.Joined };
            Save(endpoint);
            var link = attacher.HandOver(endpoint);
            if (link != endpoint.Link)
                Save(endpoint = endpoint with { Link = link });
            return endpoint;
        }
        catch
        {
            await UnmakeAsync(endpoint, maySandboxServe: false, throwOnFault: false);
            throw;
        }
    }

    private async Task UnmakeAsync(StoredEndpoint endpoint, bool maySandboxServe, bool throwOnFault = true)
    {
        endpoint = endpoint with { Phase = EndpointPhase.Leaving, Boot = endpoint.Boot.Length > 0 ? endpoint.Boot : boot.Id };
        Note(endpoint);
        try
        {
            endpoint = await GiveLeaseBackAsync(endpoint);
            await attacher.UnmakeAsync(endpoint, maySandboxServe);
            ports.Release(endpoint.Id);
            endpoints.Remove(endpoint.Id);
        }
        catch (Exception fault)
        {
            if (await GoesAnywayAsync(endpoint, fault))
                return;
            // The ports stay taken: their rules may still stand.
            Note(Resting(endpoint, fault));
            if (throwOnFault)
                throw;
        }
    }

    private IReadOnlyList<PortBinding> NotPublished(StoredNetwork network, IReadOnlyList<PortBinding> published)
    {
        if (published.Count > 0)
            PortsIgnored(network.ListName);
        return [];
    }

    [LoggerMessage(LogLevel.Information, "added {Addresses} {Ports}")]
    private partial void Added(string addresses, string ports);

    [LoggerMessage(LogLevel.Warning, "ports are not published: no plugin of the list {List} asks for the capability portMappings")]
    private partial void PortsIgnored(string list);
}
