using CniCore.Invoke;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Plugins;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Dhcp;

namespace DockerDriver.Startup;

/// <summary>Creates the CNI runtime with its parts, the same for the daemon and for verbs.</summary>
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

    /// <summary>The host's firewall, for built-in plugins.</summary>
    public HostFirewall Firewall { get; }

    public IPluginInvoker Plugins { get; }

    public CniRuntime Runtime { get; }

    /// <summary>The composition for a verb. It is not disposed before the process ends.</summary>
    public static CniComposition ForVerb(Settings settings, ILoggerFactory logs)
    {
        var dhcp = new DhcpDaemon(settings, TimeProvider.System, logs.CreateLogger<DhcpDaemon>()) { RunsInVerb = true };
        return new(settings, new(new HostNetwork()), dhcp, TimeProvider.System, logs);
    }
}
