using CniCore.Config;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>What a container's labels come to, with the network lists as they are now.</summary>
/// <param name="Networks">What it is to be attached to, in this order.</param>
/// <param name="Publisher">The one of them that publishes its ports; null where it publishes none.</param>
/// <param name="Ports"><c>cni.ports</c>, <c>-p</c> and <c>-P</c>.</param>
internal sealed record ContainerPlan(
    IReadOnlyList<PlannedAttachment> Networks, PlannedAttachment? Publisher, IReadOnlyList<PortBinding> Ports)
{
    /// <summary>Why ports of <c>-p</c> are not published; null where they are, or there are none.</summary>
    public string? Unpublished { get; private init; }

    /// <exception cref="RefusedException">A label is wrong, or a list is not there or does not do what it asks for.</exception>
    public static ContainerPlan Of(StoredContainer container, ContainerLabels labels, Settings settings)
    {
        var wishes = labels.Parse();
        var folder = new NetworkListFolder(settings.ConfDir);
        List<PlannedAttachment> networks = [.. wishes.Networks.Select(Resolve)];
        // What -p asks for has had no effect on such a container before: without a plugin for it, it goes on to have none, and says so.
        var published = PortLabel.Parse("-p", string.Join(',', container.Published)).Except(wishes.Ports).ToList();
        if (wishes.Ports.Count == 0 && published.Count > 0 && networks.TrueForAll(one => !one.TakesPorts))
            return new(networks, null, []) { Unpublished =
                $"-p {string.Join(" -p ", container.Published)} publishes nothing: {NoPublisherAmong(networks)}" };
        IReadOnlyList<PortBinding> ports = [.. wishes.Ports, .. published];
        return new(networks, ports.Count == 0 ? null : PublisherAmong(networks), ports);

        PlannedAttachment Resolve(NetworkRequest wish)
        {
            try
            {
                return PlannedAttachment.Resolve(wish, folder);
            }
            catch (CniConfigException fault)
            {
                throw new RefusedException($"{labels.NetworksSource}: {fault.Message}");
            }
        }
    }

    private static PlannedAttachment PublisherAmong(List<PlannedAttachment> networks) => networks.FirstOrDefault(one => one.TakesPorts)
        ?? throw ContainerLabels.Wrong(ContainerLabels.PortsKey, $"{NoPublisherAmong(networks)}, or remove the label");

    private static string NoPublisherAmong(List<PlannedAttachment> networks) =>
        $"no plugin of {string.Join(", ", networks.Select(one => one.Wish.Network))} publishes ports; add "
        + $"{{\"type\":\"portmap\",\"capabilities\":{{\"portMappings\":true}}}} to a list";
}
