using CniCore.Exec;
using CniCore.Plugins;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Dhcp;

namespace DockerDriver.Startup;

/// <summary>CNI put together: the same for the daemon and for a verb that works without it.</summary>
internal sealed class CniComposition
{
    public CniComposition(Settings settings, DhcpDaemon dhcp, TimeProvider clock, ILoggerFactory logs)
    {
        var executables = new ExecInvoker(settings.Exec(), clock, logs.CreateLogger<ExecInvoker>());
        Plugins = new BuiltinInvoker(settings.Builtin, new DhcpInvoker(executables, dhcp, clock), logs.CreateLogger<BuiltinInvoker>());
        Runtime = new(settings.Runtime(), Plugins, clock, logs.CreateLogger<CniRuntime>());
    }

    public IPluginInvoker Plugins { get; }

    public CniRuntime Runtime { get; }

    /// <summary>The runtime of a verb.</summary>
    public static CniRuntime ByHand(Settings settings, ILoggerFactory logs)
    {
        var dhcp = new DhcpDaemon(settings, TimeProvider.System, logs.CreateLogger<DhcpDaemon>()) { IsByHand = true };
        return new CniComposition(settings, dhcp, TimeProvider.System, logs).Runtime;
    }
}
