using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// The MAC an endpoint gets when nobody asked for one. Made from the IPv4 address, as libnetwork does (netutils.GenerateMACFromIP):
/// a neighbour that still knows the address's last owner is right again at once.
/// </summary>
internal static class Mac
{
    public static string For(IPAddress? address)
    {
        var last = address?.AddressFamily == AddressFamily.InterNetwork ? address.GetAddressBytes() : RandomNumberGenerator.GetBytes(4);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"02:42:{last[0]:x2}:{last[1]:x2}:{last[2]:x2}:{last[3]:x2}");
    }
}
