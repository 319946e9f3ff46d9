using DockerDriver.Configuration;
using DockerDriver.Errors;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DockerDriver.Listeners;

/// <summary>
/// The sockets that one Kestrel serves. What listens marks its connections, so a route is told by where a call came in, not by a path
/// or a header that a caller may choose.
/// </summary>
internal static class ListenerSockets
{
    /// <exception cref="SettingsException">Somebody answers on one of them, or they are the same.</exception>
    public static void RemoveStale(Settings settings, ActivationSockets passed)
    {
        if (settings.PluginSocket == settings.AdminSocket)
            throw new SettingsException($"plugin-socket and admin-socket are both {settings.AdminSocket}; give one of them another path");
        if (!passed.Has(settings.PluginSocket))
            UnixSocket.RemoveStaleSocket(settings.PluginSocket, "--plugin-socket");
        if (!passed.Has(settings.AdminSocket))
            UnixSocket.RemoveStaleSocket(settings.AdminSocket, "--admin-socket");
    }

    public static void Listen(KestrelServerOptions kestrel, Settings settings, ActivationSockets passed)
    {
        passed.Listen(kestrel, settings.PluginSocket, listener => Mark(listener, Listener.Docker));
        passed.Listen(kestrel, settings.AdminSocket, listener => Mark(listener, Listener.Admin));
    }

    public static void CloseToOthers(Settings settings)
    {
        UnixSocket.CloseToOthers(settings.PluginSocket);
        UnixSocket.CloseToOthers(settings.AdminSocket);
    }

    /// <summary>The routes in this group are served at that door alone.</summary>
    public static RouteGroupBuilder At(this IEndpointRouteBuilder routes, Listener door) => routes.MapGroup("").WithMetadata(door);

    private static void Mark(ListenOptions listener, Listener door) => listener.Use(next => connection =>
    {
        connection.Features.Set(door);
        return next(connection);
    });
}
