using Microsoft.AspNetCore.Http.Features;

namespace DockerDriver.Listeners;

/// <summary>A socket of the daemon: that of a connection, or that of a route.</summary>
internal sealed class Listener
{
    /// <summary>Docker's plugin socket.</summary>
    public static readonly Listener Docker = new();

    /// <summary>The admin socket.</summary>
    public static readonly Listener Admin = new();

    private Listener()
    {
    }

    public static Listener Of(HttpContext call) => call.Features.GetRequiredFeature<Listener>();

    public static bool IsDocker(HttpContext call) => Of(call) == Docker;

    public static bool IsAdmin(HttpContext call) => Of(call) == Admin;
}
