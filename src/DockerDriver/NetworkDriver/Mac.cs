using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CniCore.Spec;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// The MAC of an endpoint for which none was requested. It is derived from the IPv4 address, as in libnetwork (netutils.GenerateMACFromIP),
/// so that neighbour entries of the address's previous owner remain valid.
/// </summary>
internal static class Mac
{
    /// <summary>The link kind whose MAC cannot be set: all interfaces of a parent have the parent's.</summary>
    private const string Shared = "ipvlan";

    /// <summary>Whether an interface of that kind has its parent's MAC.</summary>
    public static bool IsShared(string? kind) => kind == Shared;

    /// <summary>Whether the interface of a list has its parent's MAC.</summary>
    public static bool IsShared(NetworkList list) =>
        list.Plugins.Any(plugin => IsShared(plugin.Type.ToString()));

    public static string For(IPAddress? address)
    {
        var last = address?.AddressFamily == AddressFamily.InterNetwork ? address.GetAddressBytes() : RandomNumberGenerator.GetBytes(4);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"02:42:{last[0]:x2}:{last[1]:x2}:{last[2]:x2}:{last[3]:x2}");
    }
}
