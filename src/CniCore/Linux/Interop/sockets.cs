using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>sys/socket.h</summary>
internal static unsafe partial class sockets
{
    public const ushort AF_INET = 2;
    public const ushort AF_INET6 = 10;
    public const int SOL_SOCKET = 1;
    public const int SO_PROTOCOL = 38;

    // int getsockname(int sockfd, struct sockaddr *addr, socklen_t *addrlen);
    [LibraryImport("libc")]
    public static partial int getsockname(int socket, byte* address, uint* length);

    // int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen);
    [LibraryImport("libc")]
    public static partial int getsockopt(int socket, int level, int option, void* value, uint* length);
}
