using CniCore.Plugins;

namespace DockerDriver.Configuration;

/// <summary>The settings and their defaults. Options override environment variables, which override the settings file.</summary>
internal sealed record Settings
{
    /// <summary>The socket where Docker looks for the driver; its file name is the driver's name.</summary>
    public string PluginSocket { get; init; } = "/run/docker/plugins/cni.sock";

    /// <summary>The socket for administration and for hooks of starting containers.</summary>
    public string AdminSocket { get; init; } = "/run/cnid/admin.sock";

    /// <summary>Folder for state that survives a reboot: networks, endpoints, attachments.</summary>
    public string StateDir { get; init; } = "/var/lib/cnid";

    /// <summary>Folder for state that a reboot clears: holding namespaces, locks.</summary>
    public string RunDir { get; init; } = "/run/cnid";

    /// <summary>Folder with network lists.</summary>
    public string ConfDir { get; init; } = "/etc/cni/net.d";

    /// <summary>Folders with plugins, in order of precedence, as in <c>CNI_PATH</c>.</summary>
    public IReadOnlyList<string> PluginDirs { get; init; } = ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"];

    /// <summary>The address of the engine's API, which is never used within a driver call.</summary>
    public string DockerHost { get; init; } = "unix:///var/run/docker.sock";

    /// <summary>The time limit of one plugin.</summary>
    public TimeSpan PluginTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The time limit of one of Docker's calls, with all plugins.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>When built-in plugins are used: for generated lists and where no executable is found, never, or always.</summary>
    public BuiltinUse Builtin { get; init; }

    /// <summary>
    /// Whether every attachment is admitted in spite of the host's FORWARD policy (Docker's DROP). If not, only a firewall plugin in the
    /// list, and generated networks, admit.
    /// </summary>
    public bool Admits { get; init; } = true;

    /// <summary>
    /// The networks of a container of <c>--network none</c> without the label <c>cni.networks</c>, in that label's format; empty for none.
    /// </summary>
    public string DefaultNetworks { get; init; } = "";

    /// <summary>Whether labels <c>cni.…</c> of an image have an effect.</summary>
    public bool TrustsImageLabels { get; init; }

    /// <summary><c>text</c> for people, <c>json</c> for machines.</summary>
    public string LogFormat { get; init; } = "text";

    /// <summary>The lowest level that is logged: debug, information, warning, error.</summary>
    public string LogLevel { get; init; } = "information";

    public string AttachmentsFolder => Path.Combine(StateDir, "attachments");

    public string NetworksFolder => Path.Combine(StateDir, "networks");

    public string EndpointsFolder => Path.Combine(StateDir, "endpoints");

    public string PoolsFolder => Path.Combine(StateDir, "pools");

    public string ReservationsFolder => Path.Combine(StateDir, "reservations");

    public string ContainersFolder => Path.Combine(StateDir, "containers");

    public string StartsFolder => Path.Combine(StateDir, "starts");

    public string AttachmentCopiesFolder => Path.Combine(RunDir, "attachments");

    public string LocksFolder => Path.Combine(RunDir, "locks");

    public string NamespacesFolder => Path.Combine(RunDir, "netns");

    public string DhcpFolder => Path.Combine(RunDir, "dhcp");

    public string ContainerNamespacesFolder => Path.Combine(RunDir, "containers");
}
