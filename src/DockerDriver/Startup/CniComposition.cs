using CniCore.Invoke;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Plugins;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Dhcp;

namespace DockerDriver.Startup;

/// <summary>CNI put together: the same for the daemon and for a verb that works without it.</summary>
internal sealed class CniComposition
{
    public CniComposition(Settings settings, HostFirewall firewall, DhcpDaemon dhcp, TimeProvider clock, ILoggerFactory logs)
    {
        Firewall = firewall;
        var executables = new ExecInvoker(settings.PluginDirs, clock, logs.CreateLogger<ExecInvoker>())
        {
            Timeout = settings.PluginTimeout,
        };
        Plugins = new BuiltinInvoker(
            settings.Builtin, new DhcpInvoker(executables, dhcp, clock), firewall, logs.CreateLogger<BuiltinInvoker>());
        Runtime = new(settings.Runtime(), Plugins, clock, logs.CreateLogger<CniRuntime>());
    }

    /// <summary>The host's, on which built-ins work.</summary>
    public HostFirewall Firewall { get; }

    public IPluginInvoker Plugins { get; }

    public CniRuntime Runtime { get; }

    /// <summary>That of a verb. The host is open until the verb ends, with the process.</summary>
    public static CniComposition ByHand(Settings settings, ILoggerFactory logs)
    {
        var dhcp = new DhcpDaemon(settings, TimeProvider.System, logs.CreateLogger<DhcpDaemon>()) { IsByHand = true };
        return new(settings, new(new HostNetwork()), dhcp, TimeProvider.System, logs);
    }
}
