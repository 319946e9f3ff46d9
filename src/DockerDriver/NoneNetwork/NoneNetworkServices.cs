using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Starts;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>The parts of the none-network, put together.</summary>
internal static class NoneNetworkServices
{
    public static IServiceCollection AddNoneNetwork(this IServiceCollection services, Settings settings) => services
        .AddSingleton(provider =>
            new StateFolder<StoredContainer>(
                settings.ContainersFolder, StateJson.Default.StoredContainer,
                    provider.GetRequiredService<ILogger<StateFolder<StoredContainer>>>()))
        .AddSingleton(provider =>
            new StateFolder<StoredStart>(
                settings.StartsFolder, StateJson.Default.StoredStart, provider.GetRequiredService<ILogger<StateFolder<StoredStart>>>()))
        .AddSingleton<FailedStarts>()
        .AddSingleton<EngineClient>()
        .AddSingleton<ContainerNamespaces>()
        .AddSingleton<ContainerAttacher>()
        .AddSingleton<NoneNetworkService>()
        .AddLoop<LateStarts>()
        .AddLoop<NoneNetworkWatcher>();
}
