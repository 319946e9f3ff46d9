using DockerDriver.Background;

namespace DockerDriver.Rebuild;

/// <summary>The comparison of cnid's networks with the engine's, put together.</summary>
internal static class RebuildServices
{
    public static IServiceCollection AddRebuild(this IServiceCollection services) => services
        .AddSingleton<EndpointAdoption>()
        .AddSingleton<NetworkRebuild>()
        .AddLoop<NetworkWatch>();
}
