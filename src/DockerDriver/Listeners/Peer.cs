using System.Buffers.Binary;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tmds.Linux;

namespace DockerDriver.Listeners;

/// <summary>The user who opened a connection, whatever the mode of the socket's file has become (unix(7), SO_PEERCRED).</summary>
/// <param name="user">Its effective user id at that time.</param>
internal sealed class Peer(uint user)
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int UserOffset = 4; // struct ucred: pid, uid, gid

    public uint User => user;

    /// <summary>Root, or the user of this process.</summary>
    public bool MayChange => User == 0 || User == (uint)LibC.geteuid();

    public static Peer Of(ConnectionContext connection)
    {
        Span<byte> credentials = stackalloc byte[12];
        connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return new(BinaryPrimitives.ReadUInt32LittleEndian(credentials[UserOffset..]));
    }

    public static Peer Of(HttpContext call) => call.Features.GetRequiredFeature<Peer>();
}
