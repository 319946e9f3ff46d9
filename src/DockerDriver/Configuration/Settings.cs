using CniCore.Plugins;

namespace DockerDriver.Configuration;

/// <summary>What can be set, with its defaults. Flags beat the environment, which beats the settings file, which beats these.</summary>
internal sealed record Settings
{
    /// <summary>Where Docker looks for the driver; the file's name is the driver's name.</summary>
    public string PluginSocket { get; init; } = "/run/docker/plugins/cni.sock";

    /// <summary>Where the daemon is asked by its administrator, and by hooks of containers that start.</summary>
    public string AdminSocket { get; init; } = "/run/cnid/admin.sock";

    /// <summary>What must survive a reboot: networks, endpoints, attachments.</summary>
    public string StateDir { get; init; } = "/var/lib/cnid";

    /// <summary>What a reboot clears: holding namespaces, locks.</summary>
    public string RunDir { get; init; } = "/run/cnid";

    /// <summary>The administrator's network lists.</summary>
    public string ConfDir { get; init; } = "/etc/cni/net.d";

    /// <summary>Where plugins are looked for, in order; the same as <c>CNI_PATH</c>.</summary>
    public IReadOnlyList<string> PluginDirs { get; init; } = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"];

    /// <summary>The engine's API, asked outside of driver calls only.</summary>
    public string DockerHost { get; init; } = "unix:///var/run/docker.sock";

    /// <summary>How long one plugin may run.</summary>
    public TimeSpan PluginTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long one of Docker's calls may take, all plugins together.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// When a plugin is performed by cnid itself: for generated lists and where no executable is found, never, or always.
    /// </summary>
    public BuiltinUse Builtin { get; init; }

    /// <summary>
    /// Whether each attachment is let past the host's FORWARD policy, Docker's DROP; off: only by a firewall plugin in its list, and
    /// generated networks.
    /// </summary>
    public bool Admits { get; init; } = true;

    /// <summary>What a none-container without the label <c>cni.networks</c> gets, in that label's form; empty for nothing.</summary>
    public string DefaultNetworks { get; init; } = "";

    /// <summary>Whether the labels <c>cni.…</c> of an image count as if the container's user had set them.</summary>
    public bool TrustsImageLabels { get; init; }

    /// <summary><c>text</c> for people, <c>json</c> for machines.</summary>
    public string LogFormat { get; init; } = "text";

    /// <summary>The least level that is logged: debug, information, warning, error.</summary>
    public string LogLevel { get; init; } = "information";

    public string AttachmentsFolder => Path.Combine(StateDir, "attachments");

    public string NetworksFolder => Path.Combine(StateDir, "networks");

    public string EndpointsFolder => Path.Combine(StateDir, "endpoints");

    public string PoolsFolder => Path.Combine(StateDir, "pools");

    public string ReservationsFolder => Path.Combine(StateDir, "reservations");

    public string ContainersFolder => Path.Combine(StateDir, "containers");

    public string StartsFolder => Path.Combine(StateDir, "starts");

    public string LocksFolder => Path.Combine(RunDir, "locks");

    public string NamespacesFolder => Path.Combine(RunDir, "netns");

    public string DhcpFolder => Path.Combine(RunDir, "dhcp");

    public string ContainerNamespacesFolder => Path.Combine(RunDir, "containers");
}
