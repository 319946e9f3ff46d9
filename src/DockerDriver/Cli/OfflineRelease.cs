using CniCore.Linux.Namespaces;
using CniCore.Runtime;
using DockerDriver.Attachments;
using DockerDriver.Configuration;
using DockerDriver.HostPorts;
using DockerDriver.Ipam;
using DockerDriver.NoneNetwork;
using DockerDriver.Sandboxes;
using DockerDriver.Startup;
using DockerDriver.State;

namespace DockerDriver.Cli;

/// <summary>Releases what the daemon owns while no daemon is running, with the daemon's classes and files.</summary>
internal sealed class OfflineRelease(Settings settings, CniComposition cni, ILoggerFactory logs)
{
    private readonly CniRuntime runtime = cni.Runtime;
    private readonly Boot boot = new();

    public async Task<IReadOnlyList<string>> RunAsync(ReleaseTarget target)
    {
        if (target.Endpoint is { } endpoint)
        {
            var attacher = new Attacher(
                settings, runtime, new(cni.Firewall.Host), new(settings), TimeProvider.System, logs.CreateLogger<Attacher>());
            var line = await attacher.ReleaseAsync(endpoint, mayDeleteInSandbox: !Sandbox.HasProcesses(endpoint));
            Folder(settings.EndpointsFolder, StateJson.Default.StoredEndpoint).Remove(endpoint.Id);
            return [line];
        }
        if (target.Reservation is { } reservation)
        {
            var store = Folder(settings.ReservationsFolder, StateJson.Default.StoredReservation);
            return [await new ReservationLifecycle(settings, store, runtime, new(TimeProvider.System), boot, TimeProvider.System,
                logs.CreateLogger<ReservationLifecycle>()).ReleaseAsync(reservation)];
        }
        if (target.Container is { } container)
        {
            var store = Folder(settings.ContainersFolder, StateJson.Default.StoredContainer);
            var lifecycle = new ContainerLifecycle(settings, runtime, store, new(settings),
                new(new(logs.CreateLogger<PortProxy>())), new(TimeProvider.System), boot, TimeProvider.System,
                logs.CreateLogger<ContainerLifecycle>());
            return await lifecycle.ReleaseAsync(container);
        }
        return [];
    }

    private StateFolder<T> Folder<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class, IStored =>
        new(path, type, logs.CreateLogger<StateFolder<T>>());
}
