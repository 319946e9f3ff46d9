using DockerDriver.Configuration;
using DockerDriver.Engine.Files;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.OciRuntime;

/// <summary>Whether a none-container asks for networks, by its own labels or by the default of the settings file.</summary>
/// <param name="Settings">Those that its hook is to use.</param>
/// <param name="Ignored">Labels <c>cni.…</c> that do not count: its image has them.</param>
internal sealed record RequestedNetworks(Settings Settings, IReadOnlyList<string> Ignored)
{
    private const string Label = "cni.networks";

    /// <returns>Null where it asks for nothing, and nothing is asked of anyone.</returns>
    /// <exception cref="SettingsException">It asks, and the settings cannot be read.</exception>
    /// <exception cref="OciRuntimeException">It has labels, and whether they are its own cannot be told.</exception>
    public static RequestedNetworks? By(ContainerOnDisk container, string id)
    {
        var labels = container.Labels;
        var hasLabels = labels.Keys.Any(CniLabels.IsOne);
        if (!hasLabels && CniLabels.AreOfOtherTool(labels))
            return null;
        try
        {
            var settings = SettingsSources.Read(new Dictionary<string, string>(), Environment.GetEnvironmentVariable);
            if (settings.DefaultNetworks.Length == 0 && string.IsNullOrWhiteSpace(labels.GetValueOrDefault(Label)))
                return null; // whoever has set the label, or none
            IReadOnlyList<string> ignored = hasLabels && !settings.TrustsImageLabels ? OfImage(settings, container, id) : [];
            var byDefault = CniLabels.AreOfOtherTool(labels) ? "" : settings.DefaultNetworks;
            var networks = labels.ContainsKey(Label) && !ignored.Contains(Label) ? labels[Label] : byDefault;
            return networks.Trim().Length > 0 ? new(settings, ignored) : null;
        }
        catch (SettingsException) when (string.IsNullOrWhiteSpace(labels.GetValueOrDefault(Label)))
        {
            return null; // with these no daemon runs that could give it any
        }
    }

    // As the daemon has recorded it when the container was made; else by the engine's files. Its API cannot be asked while a container
    // starts.
    private static IReadOnlyList<string> OfImage(Settings settings, ContainerOnDisk container, string id)
    {
        var log = NullLogger<StateFolder<StoredContainer>>.Instance;
        var records = new StateFolder<StoredContainer>(settings.ContainersFolder, StateJson.Default.StoredContainer, log);
        if (records.Peek(id) is { IsImageChecked: true } record)
            return CniLabels.Missing(container.Labels, record.Labels);
        try
        {
            return CniLabels.OfImage(container.Labels, EngineImage.LabelsOf(container.Folder));
        }
        catch (IOException fault)
        {
            throw new OciRuntimeException(CniLabels.Unknown(fault.Message), fault);
        }
    }
}
