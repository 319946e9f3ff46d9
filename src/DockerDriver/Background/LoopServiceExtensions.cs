using System.Diagnostics.CodeAnalysis;

namespace DockerDriver.Background;

/// <summary>How a loop is added to the daemon.</summary>
internal static class LoopServiceExtensions
{
    /// <summary>Adds a loop that starts and ends with the daemon. A plain <c>AddHostedService</c> would be no part of readiness.</summary>
    public static IServiceCollection AddLoop<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services)
        where T : BackgroundLoop => services
        .AddSingleton<T>()
        .AddSingleton<BackgroundLoop>(provider => provider.GetRequiredService<T>())
        .AddHostedService(provider => provider.GetRequiredService<T>());
}
