using System.Text;
using CniCore.Linux;
using CniCore.Linux.Processes;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// firewalld, if it runs on the host: a container's addresses are added to a zone as sources, until the next reload. Uses firewall-cmd,
/// since firewalld speaks D-Bus only. Reference: plugins/meta/firewall/firewalld.go.
/// </summary>
internal static class Firewalld
{
    /// <summary>The exit status of firewall-cmd if firewalld does not run.</summary>
    public const int NotRunning = 252;

    // See firewall-cmd(1), for a single request. A source that is in the zone already is status 0.
    private const int Done = 0;
    private const int AlreadySet = 16;
    private const int UnknownSource = 30;

    private const string Client = "/usr/bin/firewall-cmd";
    private static readonly ProcessLimits Limits = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2), 64 * 1024, 64 * 1024);

    /// <summary>Whether firewalld is responsible: it is configured, or it runs and nothing else is configured.</summary>
    public static bool Serves(HostNetwork host, FirewallConfig config) => config.WireBackend switch
    {
        "firewalld" => true,
        "iptables" => false,
        _ => IsRunning(host),
    };

    public static void Join(HostNetwork host, string zone, IEnumerable<CniAddress> addresses)
    {
        foreach (var source in addresses.Select(Source))
            Ask(host, zone, "add", source, AlreadySet);
    }

    public static void Leave(HostNetwork host, string zone, IEnumerable<CniAddress> addresses)
    {
        if (!File.Exists(Client) || !IsRunning(host))
            return; // the sources are gone with it
        foreach (var source in addresses.Select(Source))
            Ask(host, zone, "remove", source, UnknownSource);
    }

    /// <exception cref="CniPluginException">An address is not a source of the zone.</exception>
    public static void ThrowIfOutside(HostNetwork host, string zone, IEnumerable<CniAddress> addresses)
    {
        foreach (var source in addresses.Select(Source))
        {
            if (Run(host, zone, "query", source).Status != 0)
                throw new CniPluginException(CniErrorCode.Internal, $"{source} is not a source of firewalld's zone {zone}");
        }
    }

    // firewall-cmd takes a third of a second. The rules that firewalld writes can be read at once.
    private static bool IsRunning(HostNetwork host)
    {
        return File.Exists(Client) && host.Nftables.Tables().Any(table => table.Name == "firewalld");
    }

    public static string Source(CniAddress address) =>
        $"{address.Address.Address}/{(address.Address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128)}";

    private static void Ask(HostNetwork host, string zone, string verb, string source, int tolerated)
    {
        var exit = Run(host, zone, verb, source);
        if (exit.Status is not Done && exit.Status != tolerated)
            throw new CniPluginException(CniErrorCode.Internal,
                $"firewalld refuses to {verb} the source {source} in its zone {zone}", Encoding.UTF8.GetString(exit.Errors).Trim());
    }

    private static ProcessExit Run(HostNetwork host, string zone, string verb, string source)
    {
        if (!File.Exists(Client))
            throw new CniPluginException(CniErrorCode.NotAvailable,
                $"the configuration asks for firewalld, and there is no {Client}: install firewalld, or set \"backend\": \"iptables\"");
        return Run(host, [$"--zone={zone}", $"--{verb}-source={source}"]);
    }

    public static ProcessExit Run(HostNetwork host, IReadOnlyList<string> arguments) => host.Inside(() =>
        ProcessRunner.Run(Client, arguments, ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], default, Limits, TimeProvider.System,
            CancellationToken.None));
}
