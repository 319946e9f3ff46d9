using Microsoft.AspNetCore.Http.Features;

namespace DockerDriver.Hosting;

/// <summary>Which of the daemon's sockets a connection came in through, and a route is for.</summary>
internal sealed class Door
{
    /// <summary>Docker's plugin socket.</summary>
    public static readonly Door Docker = new();

    /// <summary>The administrator's socket.</summary>
    public static readonly Door Admin = new();

    private Door()
    {
    }

    public static Door Of(HttpContext call) => call.Features.GetRequiredFeature<Door>();

    public static bool IsDocker(HttpContext call) => Of(call) == Docker;

    public static bool IsAdmin(HttpContext call) => Of(call) == Admin;
}
