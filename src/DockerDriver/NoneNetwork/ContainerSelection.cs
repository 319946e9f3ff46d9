using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using DockerDriver.Engine;
using DockerDriver.Labels;
using DockerDriver.Configuration;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>Which containers are to be given networks: not those whose image asks for them, nor those of other tools.</summary>
internal sealed partial class ContainerSelection(Settings settings, EngineClient engine, ILogger<ContainerSelection> log)
{
    /// <summary>The network mode of those that may be.</summary>
    public const string None = "none";

    // A new namespace has these where the kernel has their modules, down, and without a use.
    private static readonly HashSet<string> FallbackKinds =
        ["ipip", "sit", "gre", "gretap", "erspan", "ip6tnl", "ip6gre", "ip6gretap", "vti", "vti6"];

    /// <summary>Takes away the labels that the image has; what has been recorded of a container is not asked for again.</summary>
    public async Task<EngineContainer> JudgeAsync(EngineContainer seen, StoredContainer? known, CancellationToken cancel)
    {
        if (seen.IsImageChecked || settings.TrustsImageLabels || seen.NetworkMode != None || !seen.Labels.Keys.Any(CniLabels.IsOne))
            return seen;
        if (known is { IsImageChecked: true })
            return seen with
            {
                Labels = CniLabels.Without(seen.Labels, CniLabels.Missing(seen.Labels, known.Labels)),
                IsImageChecked = true,
            };
        var image = await engine.ImageLabelsAsync(seen, cancel);
        if (image.Fault is { } fault)
            return seen with { ImageFault = CniLabels.Unknown(fault) };
        var ignored = CniLabels.OfImage(seen.Labels, image.Labels);
        if (ignored.Count > 0)
            LabelsIgnored(string.Join(", ", ignored));
        return seen with { Labels = CniLabels.Without(seen.Labels, ignored), IsImageChecked = true };
    }

    /// <summary>Whether it asks for networks, or the setting <c>default-networks</c> is for it.</summary>
    public bool IsOurs(EngineContainer seen) => seen.NetworkMode == None
        && new ContainerLabels(seen.Labels, settings.DefaultNetworks) is { AskForNetworks: true } labels
        && !(labels.AreByDefault && CniLabels.AreOfOtherTool(seen.Labels));

    /// <summary>Whether somebody else has given it an interface, which no label asked for: it is not ours to add to.</summary>
    public bool IsTakenByOther(StoredContainer container, ContainerLabels labels, NetworkNamespace space)
    {
        if (container.MayHaveAttachments || !labels.AreByDefault)
            return false;
        using var route = RouteSocket.OpenIn(space);
        var other = route.Links().FirstOrDefault(link => link.Name != "lo" && (link.IsUp || !FallbackKinds.Contains(link.Kind ?? "")));
        if (other is not null)
            LeftToOther(other.Name);
        return other is not null;
    }

    /// <summary>What a container's record says that it asks for.</summary>
    public ContainerLabels LabelsOf(StoredContainer container) => new(container.Labels, settings.DefaultNetworks);

    /// <summary>The first record of one that is to be given networks.</summary>
    public static StoredContainer Record(EngineContainer seen) => new()
    {
        Id = seen.Id,
        Name = seen.Name,
        Labels = seen.Labels.Where(label => CniLabels.IsOne(label.Key)).ToDictionary(),
        IsImageChecked = seen.IsImageChecked,
        Folder = seen.Folder,
        Published = seen.Published ?? [],
    };

    [LoggerMessage(LogLevel.Warning, "labels {Labels} are the image's and have no effect: "
        + "give docker run another value (podnet@eth0 for podnet), or set image-labels=trust")]
    private partial void LabelsIgnored(string labels);

    [LoggerMessage(LogLevel.Debug, "has the interface {Interface} of somebody else, and is not given default-networks")]
    private partial void LeftToOther(string @interface);
}
