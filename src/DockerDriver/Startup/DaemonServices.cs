using System.Text.Json.Serialization.Metadata;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Plugins.Bridge;
using CniCore.Plugins.Interfaces;
using DockerDriver.Admin;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Dhcp;
using DockerDriver.Engine;
using DockerDriver.Firewall;
using DockerDriver.HostPorts;
using DockerDriver.Ipam;
using DockerDriver.NetworkDriver;
using DockerDriver.NoneNetwork;
using DockerDriver.Rebuild;
using DockerDriver.Sandboxes;
using DockerDriver.Sandboxes.Replay;
using DockerDriver.Starts;
using DockerDriver.State;
using DockerDriver.Watch;

namespace DockerDriver.Startup;

/// <summary>Registers all parts of the daemon, lower layers first. Loops start in this order, and stop in reverse.</summary>
internal static class DaemonServices
{
    public static IServiceCollection AddCnid(this IServiceCollection services, Settings settings) => services
        .AddSingleton(settings)
        .AddSingleton<TimeProvider>(new SteadyClock())
        .AddSingleton<KeyedLocks>()
        .AddSingleton<IReadinessCheck, BackgroundLoopReadiness>()
        .AddSingleton<Func<IEnumerable<BackgroundLoop>>>(provider => provider.GetServices<BackgroundLoop>)
        .AddLoop<Watchdog>()
        .AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<Watchdog>())
        .AddLoop<IdleMemoryTrimmer>()
        .AddState(settings)
        .AddCni()
        .AddEngine()
        .AddNetworkDriver()
        .AddIpamDriver()
        .AddNoneNetwork()
        .AddAdmin();

    private static IServiceCollection AddState(this IServiceCollection services, Settings settings) => services
        .AddSingleton<Boot>()
        .AddFolder(settings.NetworksFolder, StateJson.Default.StoredNetwork)
        .AddFolder(settings.EndpointsFolder, StateJson.Default.StoredEndpoint)
        .AddFolder(settings.PoolsFolder, StateJson.Default.StoredPool)
        .AddFolder(settings.ReservationsFolder, StateJson.Default.StoredReservation)
        .AddFolder(settings.ContainersFolder, StateJson.Default.StoredContainer)
        .AddFolder(settings.StartsFolder, StateJson.Default.StoredStart);

    private static IServiceCollection AddFolder<T>(this IServiceCollection services, string folder, JsonTypeInfo<T> type)
        where T : class, IStored =>
        services.AddSingleton(provider => new StateFolder<T>(folder, type, provider.GetRequiredService<ILogger<StateFolder<T>>>()));

    private static IServiceCollection AddCni(this IServiceCollection services) => services
        .AddSingleton(_ => new HostNetwork())
        .AddSingleton<HostFirewall>()
        .AddSingleton<NetworkBridges>()
        .AddSingleton<HostForwarding>()
        .AddSingleton<DhcpDaemon>()
        .AddSingleton<CniComposition>()
        .AddSingleton(provider => provider.GetRequiredService<CniComposition>().Plugins)
        .AddSingleton(provider => provider.GetRequiredService<CniComposition>().Runtime);

    private static IServiceCollection AddEngine(this IServiceCollection services) => services
        .AddSingleton<EngineClient>()
        .AddSingleton<EngineVersion>()
        .AddSingleton<IReadinessCheck, EngineReadiness>();

    private static IServiceCollection AddNetworkDriver(this IServiceCollection services) => services
        .AddSingleton<NetworkFirewall>()
        .AddSingleton<RemovedRules>()
        .AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<FirewallReconciler>())
        .AddSingleton<HoldingNamespaces>()
        .AddSingleton<PortProxy>()
        .AddSingleton<PortReservations>()
        .AddSingleton<EndpointCountWorkaround>()
        .AddSingleton(provider => provider.GetRequiredService<EndpointCountWorkaround>().Subscriber)
        .AddSingleton<SecondaryInterfaces>()
        .AddSingleton<SandboxReplay>()
        .AddSingleton<SandboxWatch>()
        .AddSingleton<LeaseService>()
        .AddSingleton<Attacher>()
        .AddSingleton<EndpointLifecycle>()
        .AddSingleton<RetryQueue>()
        .AddSingleton<ReservedAddresses>()
        .AddSingleton<NetworkService>()
        .AddSingleton<NetworkLookup>()
        .AddSingleton<EndpointIntents>()
        .AddSingleton<EndpointPorts>()
        .AddSingleton<EndpointReplay>()
        .AddSingleton<EndpointDrift>()
        .AddSingleton<EndpointService>()
        .AddLoop<EndpointReconciler>()
        .AddLoop<FirewallReconciler>()
        .AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<EndpointReconciler>())
        .AddLoop<FirewalldZoneSync>()
        .AddLoop<LeaseMonitor>()
        .AddSingleton<NetworkSignal>()
        .AddSingleton<NetworkForgetService>()
        .AddSingleton<LostNetworks>()
        .AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<LostNetworks>())
        .AddSingleton<EndpointAdoption>()
        .AddSingleton<NetworkRebuild>()
        .AddLoop<NetworkReconciler>();

    private static IServiceCollection AddIpamDriver(this IServiceCollection services) => services
        .AddSingleton<ReservationLifecycle>()
        .AddSingleton<PoolService>()
        .AddSingleton<AddressService>()
        .AddLoop<ReservationReconciler>();

    private static IServiceCollection AddNoneNetwork(this IServiceCollection services) => services
        .AddSingleton<FailedStarts>()
        .AddSingleton<ContainerNamespaces>()
        .AddSingleton<ContainerLifecycle>()
        .AddSingleton(provider => new ReconciledContainers(provider.GetRequiredService<ContainerLifecycle>().IsAttached))
        .AddSingleton<ContainerSelection>()
        .AddSingleton<ContainerReconciler>()
        .AddSingleton<NoneNetworkService>()
        .AddSingleton(provider => provider.GetRequiredService<NoneNetworkWatcher>().Subscriber)
        .AddLoop<StartRetrier>()
        .AddLoop<NoneNetworkWatcher>()
        .AddLoop<EngineEvents>();

    private static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddSingleton<NoneNetworkCalls>()
        .AddSingleton<NetworkCalls>()
        .AddSingleton<ReleaseCalls>()
        .AddSingleton<Readiness>();
}
