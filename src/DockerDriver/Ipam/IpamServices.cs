using DockerDriver.Background;

namespace DockerDriver.Ipam;

/// <summary>The services of the IPAM driver.</summary>
internal static class IpamServices
{
    public static IServiceCollection AddIpamDriver(this IServiceCollection services) => services
        .AddSingleton<Reservations>()
        .AddSingleton<PoolService>()
        .AddSingleton<AddressService>()
        .AddLoop<ReservationReconciler>();
}
