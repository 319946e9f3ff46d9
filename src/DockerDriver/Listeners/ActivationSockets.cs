using System.Globalization;
using System.Net.Sockets;
using DockerDriver.Errors;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tmds.Linux;

namespace DockerDriver.Listeners;

/// <summary>
/// The sockets that a service manager opened for us (sd_listen_fds(3)). They stay open while cnid is restarted or upgraded: a call
/// of Docker's then waits in the queue instead of failing.
/// </summary>
internal sealed class ActivationSockets
{
    private const int First = 3; // SD_LISTEN_FDS_START
    private readonly Dictionary<string, int> byPath = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes what was passed to this process. Plugins, which inherit the environment and what is open, see nothing of it.
    /// </summary>
    /// <exception cref="SettingsException">What was passed is no unix socket, or none that the settings know.</exception>
    public static ActivationSockets Take(params string[] known)
    {
        var sockets = new ActivationSockets();
        var isForUs = Own("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        _ = int.TryParse(Own("LISTEN_FDS"), CultureInfo.InvariantCulture, out var count);
        Own("LISTEN_FDNAMES");
        for (var descriptor = First; isForUs && descriptor < First + count; descriptor++)
        {
            _ = LibC.fcntl(descriptor, LibC.F_SETFD, LibC.FD_CLOEXEC);
            var path = PathOf(descriptor);
            if (!known.Contains(path))
                throw new SettingsException($"the service manager passed the socket {path}, which no setting names "
                    + $"({string.Join(", ", known)}): make the socket unit's ListenStream= and the settings agree");
            sockets.byPath[path] = descriptor;
        }
        return sockets;
    }

    public bool Has(string path) => byPath.ContainsKey(path);

    /// <summary>Listens at the path: on the socket that was passed, or on one made now.</summary>
    public void Listen(KestrelServerOptions kestrel, string path, Action<ListenOptions> configure)
    {
        if (byPath.TryGetValue(path, out var descriptor))
            kestrel.ListenHandle((ulong)descriptor, configure);
        else
            kestrel.ListenUnixSocket(path, configure);
    }

    private static string PathOf(int descriptor)
    {
        try
        {
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            return socket.LocalEndPoint is UnixDomainSocketEndPoint local ? local.ToString() : $"{socket.LocalEndPoint}";
        }
        catch (SocketException fault)
        {
            throw new SettingsException($"descriptor {descriptor}, passed by the service manager, is no socket: {fault.Message}");
        }
    }

    private static string? Own(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value;
    }
}
