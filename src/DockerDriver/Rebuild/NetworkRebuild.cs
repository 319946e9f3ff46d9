using System.Globalization;
using System.Net;
using CniCore.Spec;
using Docker.DotNet.Models;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Ipam;
using DockerDriver.Logging;
using DockerDriver.NetworkDriver;
using DockerDriver.State;

namespace DockerDriver.Rebuild;

/// <summary>
/// Rebuilds networks that the engine has for this driver and cnid does not know, because the state folder was lost. The engine's API
/// describes them; the engine never repeats its calls.
/// </summary>
internal sealed partial class NetworkRebuild(
    Settings settings,
    StateFolder<StoredNetwork> networks,
    NetworkService service,
    PoolService pools,
    LostNetworks lostNetworks,
    EndpointAdoption adoption,
    EngineClient engine,
    TimeProvider clock,
    ILogger<NetworkRebuild> log)
{
    private bool isComplete;

    private string Driver => Path.GetFileNameWithoutExtension(settings.PluginSocket);

    /// <summary>Rebuilds the missing networks, and records the endpoints of running containers.</summary>
    /// <exception cref="EngineException">The engine does not list its containers.</exception>
    public async Task RunAsync(EngineReport report, CancellationToken cancel)
    {
        List<NetworkResponse> lost = [.. report.Networks.Values.Where(IsLost).OrderBy(network => network.Created)];
        if (lost.Count == 0 && isComplete)
        {
            lostNetworks.SetFailed(new Dictionary<string, (string, string)>());
            return;
        }
        var running = await engine.RunningAsync(cancel);
        var failed = new Dictionary<string, (string Name, string Reason)>(StringComparer.Ordinal);
        foreach (var network in lost)
        {
            if (await TryRebuildAsync(network, running, report, cancel) is { } reason)
                failed[network.ID] = (network.Name, reason);
        }
        lostNetworks.SetFailed(failed);
        if (lost.Count > failed.Count || !isComplete)
            await adoption.RunAsync(running, cancel);
        isComplete = true;
    }

    private bool IsLost(NetworkResponse network) => network.Driver == Driver && !network.ConfigOnly && networks.Find(network.ID) is null;

    // Null on success, else the reason.
    private async Task<string?> TryRebuildAsync(
        NetworkResponse network, IEnumerable<ContainerListResponse> running, EngineReport report, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(settings.CallTimeout);
        try
        {
            var keptByEngine = new EngineNetwork(network, GatewaysOf(network.ID, running));
            foreach (var pool in keptByEngine.PoolCalls(Driver))
                await pools.RequestAsync(pool, limit.Token);
            await service.CreateAsync(keptByEngine.Call(Driver), isRebuild: true, limit.Token);
            var rebuilt = networks.Find(network.ID)!;
            rebuilt = rebuilt.ListedBy(report.Identity, report.Major) with
            {
                RebuiltAt = clock.GetUtcNow(),
                Remark = RemarkOn(rebuilt, network),
            };
            networks.Save(rebuilt);
            Rebuilt(network.Name, ShortId.Of(network.ID), rebuilt.ListName);
            if (rebuilt.Remark is { } remark)
                Changed(network.Name, remark);
            return null;
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception fault)
        {
            var reason = fault is OperationCanceledException ? $"it took more than {settings.CallTimeout.TotalSeconds} s" : fault.Message;
            if (!lostNetworks.IsKnown(network.ID, reason))
                NotRebuilt(network.Name, ShortId.Of(network.ID), reason);
            return reason;
        }
    }

    // The engine stores the list's name only. The list's content at that time was lost.
    private static string? RemarkOn(StoredNetwork rebuilt, NetworkResponse network)
    {
        if (rebuilt.Source is not { } path || !File.Exists(path))
            return null;
        var changed = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
        var created = new DateTimeOffset(DateTime.SpecifyKind(network.Created, network.Created.Kind == DateTimeKind.Unspecified
            ? DateTimeKind.Utc
            : network.Created.Kind));
        return changed <= created ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the list {path} was changed at {changed:yyyy-MM-dd HH:mm}, after the network was created, and its earlier content was lost: "
            + $"running containers have the earlier configuration, new ones get the present one");
    }

    private static HashSet<IPAddress> GatewaysOf(string network, IEnumerable<ContainerListResponse> running) =>
    [
        .. from container in running
           from endpoint in container.NetworkSettings?.Networks?.Values ?? []
           where endpoint.NetworkID == network
           from gateway in new[] { endpoint.Gateway, endpoint.IPv6Gateway }
           where AddressText.TryParse(gateway, out _)
           select AddressText.Parse(gateway),
    ];

    [LoggerMessage(LogLevel.Warning, "network {Name} ({Id}) was not on record and has been rebuilt from Docker's description: list {List}")]
    private partial void Rebuilt(string name, string id, string list);

    [LoggerMessage(LogLevel.Warning, "network {Name}: {Remark}")]
    private partial void Changed(string name, string remark);

    [LoggerMessage(
        LogLevel.Error, "network {Name} ({Id}) is not on record and cannot be rebuilt: {Reason}; it is retried every few seconds")]
    private partial void NotRebuilt(string name, string id, string reason);
}
