using DockerDriver.Configuration;

namespace DockerDriver.Cli;

/// <summary>
/// cnitool's environment variables for folders. They override the settings, since the CNI verbs are compatible with cnitool.
/// </summary>
internal static class CniEnvironment
{
    public static Settings ApplyTo(Settings settings)
    {
        if (Environment.GetEnvironmentVariable("NETCONFPATH") is { Length: > 0 } folder)
            settings = settings with { ConfDir = folder };
        if (Environment.GetEnvironmentVariable("CNI_PATH") is { Length: > 0 } folders)
            settings = settings with { PluginDirs = folders.Split(':', StringSplitOptions.RemoveEmptyEntries) };
        return settings;
    }
}
