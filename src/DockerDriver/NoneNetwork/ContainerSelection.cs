using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.Engine;
using DockerDriver.Labels;
using DockerDriver.Configuration;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>Selects the containers that get networks: not those whose image requests them, nor those of other tools.</summary>
internal sealed partial class ContainerSelection(Settings settings, EngineClient engine, ILogger<ContainerSelection> log)
{
    /// <summary>The network mode of a label container.</summary>
    public const string None = "none";

    // A new netns has these fallback interfaces, down, where the kernel's modules are loaded.
    private static readonly HashSet<string> FallbackKinds =
        ["ipip", "sit", "gre", "gretap", "erspan", "ip6tnl", "ip6gre", "ip6gretap", "vti", "vti6"];

    /// <summary>Removes the labels that the image has. The image of a recorded container is not read again.</summary>
    public async Task<EngineContainer> RemoveImageLabelsAsync(EngineContainer seen, StoredContainer? known, CancellationToken cancel)
    {
        if (seen.IsImageChecked || settings.TrustsImageLabels || seen.NetworkMode != None || !seen.Labels.Keys.Any(CniLabels.IsCniLabel))
            return seen;
        if (known is { IsImageChecked: true })
            return seen with
            {
                Labels = CniLabels.Without(seen.Labels, CniLabels.Missing(seen.Labels, known.Labels)),
                IsImageChecked = true,
            };
        var image = await engine.ImageLabelsAsync(seen, cancel);
        if (image.Fault is { } fault)
            return seen with { ImageFault = CniLabels.OriginUnknown(fault) };
        var ignored = CniLabels.OfImage(seen.Labels, image.Labels);
        if (ignored.Count > 0)
            LabelsIgnored(string.Join(", ", ignored));
        return seen with { Labels = CniLabels.Without(seen.Labels, ignored), IsImageChecked = true };
    }

    /// <summary>Whether it requests networks, or the setting <c>default-networks</c> applies.</summary>
    public bool IsSelected(EngineContainer seen) => seen.NetworkMode == None
        && new ContainerLabels(seen.Labels, settings.DefaultNetworks) is { RequestNetworks: true } labels
        && !(labels.UseDefaultNetworks && CniLabels.BelongToOtherTool(seen.Labels));

    /// <summary>
    /// Whether another program has added an interface, and no label requests networks: then default networks are not added.
    /// </summary>
    public bool HasForeignInterface(StoredContainer container, ContainerLabels labels, NetworkNamespace netns)
    {
        if (container.MayHaveAttachments || !labels.UseDefaultNetworks)
            return false;
        using var route = RouteSocket.OpenIn(netns);
        var other = route.Links().FirstOrDefault(link => link.Name != "lo" && (link.IsUp || !FallbackKinds.Contains(link.Kind ?? "")));
        if (other is not null)
            HasForeign(other.Name);
        return other is not null;
    }

    /// <summary>The labels of a container's record.</summary>
    public ContainerLabels LabelsOf(StoredContainer container) => new(container.Labels, settings.DefaultNetworks);

    /// <summary>The first record of a label container.</summary>
    public static StoredContainer Record(EngineContainer seen) => new()
    {
        Id = seen.Id,
        Name = seen.Name,
        Labels = seen.Labels.Where(label => CniLabels.IsCniLabel(label.Key)).ToDictionary(),
        IsImageChecked = seen.IsImageChecked,
        Folder = seen.Folder,
        Published = seen.Published ?? [],
    };

    [LoggerMessage(LogLevel.Warning, "labels {Labels} come from the image and have no effect: "
        + "give docker run another value (podnet@eth0 for podnet), or set image-labels=trust")]
    private partial void LabelsIgnored(string labels);

    [LoggerMessage(LogLevel.Debug, "has the interface {Interface} of another program, and gets no default networks")]
    private partial void HasForeign(string @interface);
}
