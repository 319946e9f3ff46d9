using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.HostPorts;
using DockerDriver.Lists;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>What the calls come down to: an attachment is made, handed over, unmade. What fails half-way is unmade at once.</summary>
internal sealed partial class EndpointService
{
    private async Task<StoredEndpoint> AddAsync(
        StoredNetwork network, StoredEndpoint endpoint, string sandbox, IReadOnlyList<PortBinding> published, CancellationToken cancel)
    {
        var wanted = ListJson.PublishesApart(network.List) ? []
            : ListJson.Asks(network.List, CapabilityNames.PortMappings) ? published
            : NotPublished(network, published);
        await AwaitFormerAsync(endpoint, published, cancel);
        endpoint = Intend(endpoint, sandbox, wanted);
        try
        {
            var (result, mac, link, belongings) = await attacher.AddAsync(network, endpoint, cancel);
            endpoint = endpoint with { Phase = EndpointPhase.Held, Link = link, Belongings = belongings };
            if (endpoint.Mac.Length == 0 || belongings is not null)
                Save(endpoint = endpoint with { Mac = endpoint.Mac.Length == 0 ? mac : endpoint.Mac });
            Added(string.Join(", ", result.Ips.Select(ip => ip.Address)), PortRanges.Text(endpoint.Ports));
            return endpoint;
        }
        catch (Exception fault)
        {
            await UndoAsync(endpoint, fault);
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
        catch (Exception fault)
        {
            await UndoAsync(endpoint, fault);
            throw;
        }
    }

    // Where that fails as well, both reasons are told and kept.
    private async Task UndoAsync(StoredEndpoint endpoint, Exception fault)
    {
        try
        {
            await UnmakeAsync(endpoint with { AddFault = fault.Message }, maySandboxServe: false);
        }
        catch (Exception undo)
        {
            if (fault is RefusedException or CniException or IOException)
                throw new RefusedException(Reasons.Of(fault.Message, undo.Message));
        }
    }

    private async Task UnmakeAsync(StoredEndpoint endpoint, bool maySandboxServe)
    {
        var before = endpoint;
        endpoint = endpoint with { Phase = EndpointPhase.Leaving, OpenPorts = [], Boot = endpoint.Boot.Length > 0
            ? endpoint.Boot
            : boot.Id };
        Note(endpoint);
        try
        {
            Close(before);
            endpoint = await GiveLeaseBackAsync(endpoint);
            await attacher.UnmakeAsync(endpoint, maySandboxServe);
            ports.Release(endpoint.Id);
            endpoints.Remove(endpoint.Id);
        }
        catch (Exception fault)
        {
            if (await GoesAnywayAsync(endpoint, fault))
                return;
            if (!attacher.MayHavePortRules(endpoint))
            {
                ports.Release(endpoint.Id);
                endpoint = endpoint with { Ports = [] };
            }
            Note(Resting(endpoint, fault));
            throw;
        }
    }

    /// <summary>
    /// Ends an endpoint by hand, for good, whatever its plugins say. Answers what has come of it; null where there is none.
    /// </summary>
    public async Task<IReadOnlyList<string>?> ReleaseAsync(string id)
    {
        using var scope = BeginAttachment(id);
        using var held = await locks.TakeAsync(id, CancellationToken.None);
        if (endpoints.Find(id) is not { } endpoint)
            return null;
        var line = await attacher.ReleaseAsync(endpoint, maySandboxServe: !Sandbox.IsInhabited(endpoint));
        ports.Release(id);
        endpoints.Remove(id);
        Close(endpoint);
        await count.DepartAsync(endpoint.NetworkId, id);
        ReleasedByHand(line);
        return [line];
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

    [LoggerMessage(LogLevel.Warning, "by hand: {Line}")]
    private partial void ReleasedByHand(string line);
}
