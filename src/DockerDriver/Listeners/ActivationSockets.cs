using System.Globalization;
using System.Net.Sockets;
using DockerDriver.Errors;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tmds.Linux;

namespace DockerDriver.Listeners;

/// <summary>
/// The sockets that the service manager opened (socket activation, sd_listen_fds(3)). They stay open while cnid is restarted or upgraded,
/// so that Docker's calls wait instead of failing.
/// </summary>
internal sealed class ActivationSockets
{
    private const int First = 3; // SD_LISTEN_FDS_START
    private readonly Dictionary<string, int> byPath = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes the sockets that were passed to this process, and hides them from plugins, which inherit environment and descriptors.
    /// </summary>
    /// <exception cref="SettingsException">A descriptor is not a unix socket, or no setting names its path.</exception>
    public static ActivationSockets Take(params string[] known)
    {
        var sockets = new ActivationSockets();
        var isForThisProcess = TakeVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        _ = int.TryParse(TakeVariable("LISTEN_FDS"), CultureInfo.InvariantCulture, out var count);
        TakeVariable("LISTEN_FDNAMES");
        for (var descriptor = First; isForThisProcess && descriptor < First + count; descriptor++)
        {
            _ = LibC.fcntl(descriptor, LibC.F_SETFD, LibC.FD_CLOEXEC);
            var path = PathOf(descriptor);
            if (!known.Contains(path))
                throw new SettingsException($"the service manager passed the socket {path}, which no setting names "
                    + $"({string.Join(", ", known)}): use the same path in the socket unit's ListenStream= and in the settings");
            sockets.byPath[path] = descriptor;
        }
        return sockets;
    }

    public bool Has(string path) => byPath.ContainsKey(path);

    /// <summary>Listens at the path: on the passed socket, or on a new one.</summary>
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
            throw new SettingsException($"descriptor {descriptor}, passed by the service manager, is not a socket: {fault.Message}");
        }
    }

    private static string? TakeVariable(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value;
    }
}
