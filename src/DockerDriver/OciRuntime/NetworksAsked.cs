using DockerDriver.Hosting;

namespace DockerDriver.OciRuntime;

/// <summary>Whether a none-container asks for networks, by its labels or by the default of the settings file.</summary>
internal static class NetworksAsked
{
    private const string Label = "cni.networks";

    /// <returns>The settings that its hook is to use; null where it asks for nothing, and nothing is asked of anyone.</returns>
    /// <exception cref="SettingsException">It asks, and the settings cannot be read.</exception>
    public static Settings? By(IReadOnlyDictionary<string, string> labels)
    {
        var isLabelled = labels.TryGetValue(Label, out var networks);
        if (isLabelled && string.IsNullOrWhiteSpace(networks))
            return null;
        try
        {
            var settings = SettingsSources.Read(new Dictionary<string, string>(), Environment.GetEnvironmentVariable);
            return isLabelled || settings.DefaultNetworks.Trim().Length > 0 ? settings : null;
        }
        catch (SettingsException) when (!isLabelled)
        {
            return null; // with these no daemon runs that could give it any
        }
    }
}
