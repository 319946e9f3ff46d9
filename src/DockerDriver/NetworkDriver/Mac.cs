using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CniCore.Spec;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// The MAC an endpoint gets when nobody asked for one. Made from the IPv4 address, as libnetwork does (netutils.GenerateMACFromIP):
/// a neighbour that still knows the address's last owner is right again at once.
/// </summary>
internal static class Mac
{
    /// <summary>The one kind of interface whose MAC nobody can set: all of a parent have the parent's.</summary>
    private const string Shared = "ipvlan";

    /// <summary>Whether an interface of that kind has its parent's MAC.</summary>
    public static bool IsShared(string? kind) => kind == Shared;

    /// <summary>Whether the interface that a list makes will have its parent's MAC.</summary>
    public static bool IsShared(NetworkList list) =>
        list.Plugins.Any(plugin => IsShared(plugin.Type.ToString()));

    public static string For(IPAddress? address)
    {
        var last = address?.AddressFamily == AddressFamily.InterNetwork ? address.GetAddressBytes() : RandomNumberGenerator.GetBytes(4);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"02:42:{last[0]:x2}:{last[1]:x2}:{last[2]:x2}:{last[3]:x2}");
    }
}
