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
/// Rebuilds networks that the engine has of this driver and cnid does not know: its state folder was lost. The engine has kept all that
/// it once told, and says it when asked; it never tells its drivers again.
/// </summary>
internal sealed partial class NetworkRebuild(
    Settings settings,
    StateFolder<StoredNetwork> networks,
    NetworkService service,
    PoolService pools,
    LostNetworks unknown,
    EndpointAdoption adoption,
    EngineClient engine,
    TimeProvider clock,
    ILogger<NetworkRebuild> log)
{
    private bool isComplete;

    private string Driver => Path.GetFileNameWithoutExtension(settings.PluginSocket);

    /// <summary>Rebuilds what is missing, and takes in the endpoints of running containers that are not on record.</summary>
    /// <exception cref="EngineException">The engine does not name its containers.</exception>
    public async Task RunAsync(EngineReport report, CancellationToken cancel)
    {
        List<NetworkResponse> lost = [.. report.Networks.Values.Where(IsLost).OrderBy(network => network.Created)];
        if (lost.Count == 0 && isComplete)
        {
            unknown.Looked(new Dictionary<string, (string, string)>());
            return;
        }
        var running = await engine.RunningAsync(cancel);
        var failed = new Dictionary<string, (string Name, string Reason)>(StringComparer.Ordinal);
        foreach (var network in lost)
        {
            if (await TryRebuildAsync(network, running, report, cancel) is { } reason)
                failed[network.ID] = (network.Name, reason);
        }
        unknown.Looked(failed);
        if (lost.Count > failed.Count || !isComplete)
            await adoption.RunAsync(running, cancel);
        isComplete = true;
    }

    private bool IsLost(NetworkResponse network) => network.Driver == Driver && !network.ConfigOnly && networks.Find(network.ID) is null;

    // Null where it is there now; else why not.
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
            rebuilt = rebuilt with
            {
                Engine = report.Identity,
                EngineMajor = report.Major,
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
            if (!unknown.IsKnown(network.ID, reason))
                NotRebuilt(network.Name, ShortId.Of(network.ID), reason);
            return reason;
        }
    }

    // The engine keeps the list's name. What the list said at that time was lost.
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
            $"the list {path} was changed at {changed:yyyy-MM-dd HH:mm}, after the network was created, and its earlier text was lost: "
            + $"containers that run have what it said before, those that start get what it says now");
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

    [LoggerMessage(LogLevel.Warning, "network {Name} ({Id}) was not on record and is rebuilt from what Docker has kept: list {List}")]
    private partial void Rebuilt(string name, string id, string list);

    [LoggerMessage(LogLevel.Warning, "network {Name}: {Remark}")]
    private partial void Changed(string name, string remark);

    [LoggerMessage(
        LogLevel.Error, "network {Name} ({Id}) is not on record and cannot be rebuilt: {Reason}; it is tried again every few seconds")]
    private partial void NotRebuilt(string name, string id, string reason);
}
