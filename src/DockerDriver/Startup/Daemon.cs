using System.Runtime.InteropServices;
using CniCore.Invoke;
using CniCore.Linux;
using CniCore.Linux.Processes;
using CniCore.Plugins;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Admin;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Dhcp;
using DockerDriver.Engine;
using DockerDriver.Firewall;
using DockerDriver.HostPorts;
using DockerDriver.Ipam;
using DockerDriver.Listeners;
using DockerDriver.NetworkDriver;
using DockerDriver.NoneNetwork;
using DockerDriver.Rebuild;
using DockerDriver.Sandboxes;
using DockerDriver.Sandboxes.Replay;
using DockerDriver.State;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Serilog;

namespace DockerDriver.Startup;

/// <summary><c>cnid serve</c>: the daemon's composition root.</summary>
internal static class Daemon
{
    private const int MaxBodySize = 16 * 1024 * 1024; // twice the size of 65,535 published ports of some 110 bytes each

    /// <summary>Serves until cancellation. <paramref name="listening"/> is called when the sockets are open and closed to others.</summary>
    public static async Task RunAsync(Settings settings, CancellationToken cancel, Action? listening = null)
    {
        ProcSys.MakeWritable();
        OpenFileLimit.Raise();
        var manager = ServiceManager.Take();
        var activation = ActivationSockets.Take(settings.PluginSocket, settings.AdminSocket);
        OwnFolders.Take(settings);
        ListenerSockets.RemoveStale(settings, activation);
        await using var app = Build(settings, activation);
        app.UseWhen(Listener.IsDocker, listener => listener.UseMiddleware<DockerErrorMiddleware>());
        app.UseWhen(Listener.IsAdmin, listener => listener.UseMiddleware<AdminErrorMiddleware>());
        app.UseMiddleware<CallDeadline>();
        app.UseMiddleware<ListenerFilter>();
        app.At(Listener.Docker).MapNetworkDriver().MapIpamDriver();
        app.At(Listener.Admin).MapAdmin();
        await app.StartAsync(cancel);
        ListenerSockets.RestrictToOwner(settings);
        listening?.Invoke();
        app.Lifetime.ApplicationStopping.Register(manager.NotifyStopping);
        manager.NotifyReady();
        await WaitForEndAsync(app, cancel);
    }

    // Only a signal should end the host; any other end is reported as an error.
    private static async Task WaitForEndAsync(WebApplication app, CancellationToken cancel)
    {
        var signalled = false;
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => signalled = true);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => signalled = true);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, _ => signalled = true);
        await app.WaitForShutdownAsync(cancel);
        if (!signalled && !cancel.IsCancellationRequested)
            throw new IOException("the daemon has stopped without a signal; see its log");
    }

    private static WebApplication Build(Settings settings, ActivationSockets activation)
    {
        // Empty: the other builders read appsettings.json of the current folder, and watch the tree below it, which is "/" for a service.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.AddSerilog(DaemonLogging.Create(settings), dispose: true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // Other protocols are not linked (Linking/UnusedEngines.xml).
            kestrel.ConfigureEndpointDefaults(socket => socket.Protocols = HttpProtocols.Http1);
            ListenerSockets.Listen(kestrel, settings, activation);
            kestrel.Limits.MaxRequestBodySize = MaxBodySize;
        });
        builder.Services
            .AddRoutingCore()
            .Configure<HostOptions>(options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore)
            .AddCnid(settings);
        return builder.Build();
    }
}
