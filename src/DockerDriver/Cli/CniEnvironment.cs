using DockerDriver.Configuration;

namespace DockerDriver.Cli;

/// <summary>cnitool's two variables for folders; they beat the settings, because the verbs by hand are cnitool's.</summary>
internal static class CniEnvironment
{
    public static Settings Over(Settings settings)
    {
        if (Environment.GetEnvironmentVariable("NETCONFPATH") is { Length: > 0 } folder)
            settings = settings with { ConfDir = folder };
        if (Environment.GetEnvironmentVariable("CNI_PATH") is { Length: > 0 } folders)
            settings = settings with { PluginDirs = folders.Split(':', StringSplitOptions.RemoveEmptyEntries) };
        return settings;
    }
}
