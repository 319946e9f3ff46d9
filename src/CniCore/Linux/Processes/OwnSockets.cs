using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Processes;

/// <summary>The sockets that this process has open.</summary>
internal static class OwnSockets
{
    private const int AddressSize = 128; // struct sockaddr_storage

    /// <summary>Where those of IP stand, with IP's number of their protocol. Bound is enough: /proc/net shows of TCP only those that listen.</summary>
    public static IReadOnlyList<(int Protocol, IPEndPoint Local)> Bound() => [.. Directory
        .EnumerateFileSystemEntries("/proc/self/fd")
        .Select(path => Read(int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)))
        .OfType<(int, IPEndPoint)>()];

    // Null: no socket, none of IP, or closed meanwhile.
    private static unsafe (int, IPEndPoint)? Read(int descriptor)
    {
        byte* address = stackalloc byte[AddressSize];
        var (length, protocol, size) = ((uint)AddressSize, 0, (uint)sizeof(int));
        if (sockets.getsockname(descriptor, address, &length) != 0 || sockets.getsockopt(descriptor, sockets.SOL_SOCKET, sockets.SO_PROTOCOL, &protocol, &size) != 0)
            return null;
        var bytes = new ReadOnlySpan<byte>(address, (int)length);
        var port = length < 4 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return length < 2 ? null : MemoryMarshal.Read<ushort>(bytes) switch
        {
            sockets.AF_INET => (protocol, new IPEndPoint(new IPAddress(bytes.Slice(4, 4)), port)),
            sockets.AF_INET6 => (protocol, new IPEndPoint(new IPAddress(bytes.Slice(8, 16)), port)),
            _ => null,
        };
    }
}
