using System.Net;

namespace DockerDriver.Rebuild;

/// <summary>
/// The gateway that the engine's IPAM assigns where the user named none: the first address of the pool (libnetwork, network.go,
/// ipamAllocateVersion).
/// </summary>
internal static class EngineGateway
{
    /// <param name="subnet">The pool.</param>
    /// <param name="range"><c>--ip-range</c>: the part of the pool that addresses are assigned from; null for all of it.</param>
    public static IPAddress Of(IPNetwork subnet, IPNetwork? range)
    {
        var from = range ?? subnet;
        // The first address of the subnet is its network address; that of a range within it is an ordinary address.
        return from.BaseAddress.Equals(subnet.BaseAddress) ? Next(from.BaseAddress) : from.BaseAddress;
    }

    private static IPAddress Next(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes[^1]++; // the network address of a subnet with a host part is even
        return new(bytes);
    }
}
