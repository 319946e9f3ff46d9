using DockerDriver.Configuration;
using DockerDriver.Errors;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DockerDriver.Listeners;

/// <summary>
/// The sockets that Kestrel serves. Each connection has its listener, so that a route depends on the socket and not on a path or header
/// that the caller chooses.
/// </summary>
internal static class ListenerSockets
{
    /// <exception cref="SettingsException">Another process answers on one of them, or both are the same.</exception>
    public static void RemoveStale(Settings settings, ActivationSockets activation)
    {
        if (settings.PluginSocket == settings.AdminSocket)
            throw new SettingsException($"plugin-socket and admin-socket are both {settings.AdminSocket}; give one of them another path");
        if (!activation.Has(settings.PluginSocket))
            UnixSocket.RemoveStaleSocket(settings.PluginSocket, "--plugin-socket");
        if (!activation.Has(settings.AdminSocket))
            UnixSocket.RemoveStaleSocket(settings.AdminSocket, "--admin-socket");
    }

    public static void Listen(KestrelServerOptions kestrel, Settings settings, ActivationSockets activation)
    {
        activation.Listen(kestrel, settings.PluginSocket, listener => Mark(listener, Listener.Docker));
        activation.Listen(kestrel, settings.AdminSocket, listener => Mark(listener, Listener.Admin));
    }

    public static void RestrictToOwner(Settings settings)
    {
        UnixSocket.RestrictToOwner(settings.PluginSocket);
        UnixSocket.RestrictToOwner(settings.AdminSocket);
    }

    /// <summary>A group of routes that are served on that listener only.</summary>
    public static RouteGroupBuilder At(this IEndpointRouteBuilder routes, Listener listener) => routes.MapGroup("").WithMetadata(listener);

    private static void Mark(ListenOptions options, Listener listener) => options.Use(next => connection =>
    {
        connection.Features.Set(listener);
        connection.Features.Set(Peer.Of(connection));
        return next(connection);
    });
}
