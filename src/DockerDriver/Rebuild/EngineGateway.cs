using System.Net;

namespace DockerDriver.Rebuild;

/// <summary>
/// Which address the engine's IPAM takes for a gateway that nobody named: the first of the pool (libnetwork, network.go,
/// ipamAllocateVersion).
/// </summary>
internal static class EngineGateway
{
    /// <param name="subnet">The pool.</param>
    /// <param name="range"><c>--ip-range</c>: the part of it that addresses are given from; null for all of it.</param>
    public static IPAddress Of(IPNetwork subnet, IPNetwork? range)
    {
        var from = range ?? subnet;
        // The subnet's own first address names the subnet; that of a part of it is an address as any other.
        return from.BaseAddress.Equals(subnet.BaseAddress) ? Next(from.BaseAddress) : from.BaseAddress;
    }

    private static IPAddress Next(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes[^1]++; // the base of a subnet that has a host part is even
        return new(bytes);
    }
}
