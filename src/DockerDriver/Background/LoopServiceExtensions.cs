using System.Diagnostics.CodeAnalysis;

namespace DockerDriver.Background;

/// <summary>Registers background loops.</summary>
internal static class LoopServiceExtensions
{
    /// <summary>
    /// Adds a loop that starts and stops with the daemon, and is part of readiness; <c>AddHostedService</c> alone would not be.
    /// </summary>
    public static IServiceCollection AddLoop<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IServiceCollection services)
        where T : BackgroundLoop => services
        .AddSingleton<T>()
        .AddSingleton<BackgroundLoop>(provider => provider.GetRequiredService<T>())
        .AddHostedService(provider => provider.GetRequiredService<T>());
}
