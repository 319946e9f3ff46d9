using System.Globalization;
using CniCore.Plugins;
using DockerDriver.Errors;
using DockerDriver.Labels;

namespace DockerDriver.Configuration;

/// <summary>One setting: <c>--state-dir</c>, <c>CNID_STATE_DIR</c>, and <c>"state-dir"</c> in the settings file.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Help">What it is for, as <c>--help</c> and docs/operate.md say it.</param>
/// <param name="Show">Its value, as a user writes it.</param>
/// <param name="Apply">Sets it. Throws <see cref="FormatException"/> for a value that does not fit.</param>
internal sealed record SettingKey(
    string Name, string Help, Func<Settings, string> Show, Func<Settings, string, Settings> Apply)
{
    public static readonly IReadOnlyList<SettingKey> All =
    [
        new("plugin-socket", "the socket for Docker; its file name is the driver's name",
            s => s.PluginSocket, (s, v) => s with { PluginSocket = RequireAbsolute(v) }),
        new("admin-socket", "the administrator's socket: health, readiness, hooks; root only",
            s => s.AdminSocket, (s, v) => s with { AdminSocket = RequireAbsolute(v) }),
        new("state-dir", "folder for state that survives a reboot",
            s => s.StateDir, (s, v) => s with { StateDir = RequireAbsolute(v) }),
        new("run-dir", "folder for state that a reboot clears: holding namespaces, locks",
            s => s.RunDir, (s, v) => s with { RunDir = RequireAbsolute(v) }),
        new("conf-dir", "folder with network lists",
            s => s.ConfDir, (s, v) => s with { ConfDir = RequireAbsolute(v) }),
        new("plugin-dirs", "folders with CNI plugins, joined with ':'",
            s => string.Join(':', s.PluginDirs), (s, v) => s with { PluginDirs = Folders(v) }),
        new("builtin", "use of built-in plugins: auto (for generated networks, and where an executable is missing), off or always",
            s => ShowBuiltin(s.Builtin), (s, v) => s with { Builtin = Builtin(v) }),
        new("admit", "admit every attachment in FORWARD: auto (lists need no firewall plugin) or off",
            s => s.Admits ? "auto" : "off", (s, v) => s with { Admits = RequireOneOf(v, "auto", "off") == "auto" }),
        new("docker-host", "the engine's API: unix:///PATH, or tcp://HOST:PORT without TLS",
            s => s.DockerHost, (s, v) => s with { DockerHost = EngineAddress(v) }),
        new("default-networks", "networks of --network none containers without the label cni.networks, in its format",
            s => s.DefaultNetworks, (s, v) => s with { DefaultNetworks = Networks(v) }),
        new("image-labels", "whether labels cni.… of an image have an effect: ignore or trust",
            s => s.TrustsImageLabels ? "trust" : "ignore",
            (s, v) => s with { TrustsImageLabels = RequireOneOf(v, "ignore", "trust") == "trust" }),
        new("timeout", "time limit of a plugin in seconds; that of Docker's calls is 5 more",
            s => s.PluginTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture), (s, v) => WithTimeout(s, Seconds(v))),
        new("log-format", "text, or json: one object per line",
            s => s.LogFormat, (s, v) => s with { LogFormat = RequireOneOf(v, "text", "json") }),
        new("log-level", "debug, information, warning or error",
            s => s.LogLevel, (s, v) => s with { LogLevel = RequireOneOf(v, "debug", "information", "warning", "error") }),
    ];

    /// <summary>Its value where nobody sets it; <c>none</c> for an empty one.</summary>
    public string Default => Show(new()) is { Length: > 0 } value ? value : "none";

    public string Variable => "CNID_" + Name.Replace('-', '_').ToUpperInvariant();

    public static SettingKey? Find(string name) => All.FirstOrDefault(key => key.Name == name);

    private static Settings WithTimeout(Settings settings, TimeSpan plugin) =>
        settings with { PluginTimeout = plugin, CallTimeout = plugin + TimeSpan.FromSeconds(5) };

    private static string RequireAbsolute(string path) =>
        Path.IsPathFullyQualified(path) ? path : throw new FormatException($"'{path}' is not an absolute path");

    private static string[] Folders(string value) => [.. value.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(RequireAbsolute)];

    private static string EngineAddress(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address)
            && address is { Scheme: "unix", Host: "", AbsolutePath.Length: > 1 } or { Scheme: "tcp" or "http", Host.Length: > 0 }
            ? value : throw new FormatException($"'{value}' is neither unix:///PATH nor tcp://HOST:PORT");

    // 24 + 5 is below the 30 s of Docker's client.
    private static TimeSpan Seconds(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 24
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"'{value}' is not a number of seconds between 0 and 24");

    private static string Networks(string value)
    {
        try
        {
            var labels = new ContainerLabels(new Dictionary<string, string>(), value);
            return labels.RequestNetworks && labels.Parse().Networks.Count > 0 ? value : "";
        }
        catch (RefusedException fault)
        {
            throw new FormatException(fault.Message);
        }
    }

    private static BuiltinUse Builtin(string value) => RequireOneOf(value, "auto", "off", "always") switch
    {
        "off" => BuiltinUse.Off,
        "always" => BuiltinUse.Always,
        _ => BuiltinUse.ByList,
    };

    private static string ShowBuiltin(BuiltinUse use) => use switch
    {
        BuiltinUse.Off => "off",
        BuiltinUse.Always => "always",
        _ => "auto",
    };

    private static string RequireOneOf(string value, params string[] allowed) =>
        allowed.Contains(value) ? value : throw new FormatException($"'{value}' is none of {string.Join(", ", allowed)}");
}
