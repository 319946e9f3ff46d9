using DockerDriver.Configuration;
using DockerDriver.Engine.Files;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.OciRuntime;

/// <summary>
/// Whether a container of <c>--network none</c> requests networks, with its own labels or by the default of the settings file.
/// </summary>
/// <param name="Settings">The settings for its hook.</param>
/// <param name="Ignored">Labels <c>cni.…</c> that have no effect because its image has them.</param>
internal sealed record RequestedNetworks(Settings Settings, IReadOnlyList<string> Ignored)
{
    private const string Label = "cni.networks";

    /// <returns>Null where it requests none.</returns>
    /// <exception cref="SettingsException">It requests networks, and the settings are invalid.</exception>
    /// <exception cref="OciRuntimeException">The origin of its labels cannot be determined.</exception>
    public static RequestedNetworks? Of(ContainerOnDisk container, string id)
    {
        var labels = container.Labels;
        var hasLabels = labels.Keys.Any(CniLabels.IsCniLabel);
        if (!hasLabels && CniLabels.BelongToOtherTool(labels))
            return null;
        try
        {
            var settings = SettingsSources.Read(new Dictionary<string, string>(), Environment.GetEnvironmentVariable);
            if (settings.DefaultNetworks.Length == 0 && string.IsNullOrWhiteSpace(labels.GetValueOrDefault(Label)))
                return null; // whatever the label's origin
            IReadOnlyList<string> ignored = hasLabels && !settings.TrustsImageLabels ? OfImage(settings, container, id) : [];
            var byDefault = CniLabels.BelongToOtherTool(labels) ? "" : settings.DefaultNetworks;
            var networks = labels.ContainsKey(Label) && !ignored.Contains(Label) ? labels[Label] : byDefault;
            return networks.Trim().Length > 0 ? new(settings, ignored) : null;
        }
        catch (SettingsException) when (string.IsNullOrWhiteSpace(labels.GetValueOrDefault(Label)))
        {
            return null; // no daemon runs with invalid settings
        }
    }

    // From the daemon's record, else from the engine's files, since its API cannot be used while a container starts.
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
            throw new OciRuntimeException(CniLabels.OriginUnknown(fault.Message), fault);
        }
    }
}
