using CniCore.Config;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>What a container's labels request, resolved with the current network lists.</summary>
/// <param name="Networks">The networks to attach, in order.</param>
/// <param name="Publisher">The network that publishes the ports; null where there are none.</param>
/// <param name="Ports">The ports of <c>cni.ports</c>, <c>-p</c> and <c>-P</c>.</param>
internal sealed record ContainerPlan(
    IReadOnlyList<PlannedAttachment> Networks, PlannedAttachment? Publisher, IReadOnlyList<PortBinding> Ports)
{
    /// <summary>Why the ports of <c>-p</c> are not published; null where they are, or where there are none.</summary>
    public string? Unpublished { get; private init; }

    /// <exception cref="RefusedException">A label is invalid, or a list does not exist or lacks a requested capability.</exception>
    public static ContainerPlan Of(StoredContainer container, ContainerLabels labels, Settings settings)
    {
        var requests = labels.Parse();
        var folder = new NetworkListFolder(settings.ConfDir);
        List<PlannedAttachment> networks = [.. requests.Networks.Select(Resolve)];
        // Without cnid -p has no effect with --network none, so a list without portmap does not fail the start: it is reported only.
        var published = PortLabel.Parse("-p", string.Join(',', container.Published)).Except(requests.Ports).ToList();
        if (requests.Ports.Count == 0 && published.Count > 0 && networks.TrueForAll(network => !network.CanPublishPorts))
            return new(networks, null, [])
            {
                Unpublished = $"-p {string.Join(" -p ", container.Published)} publishes nothing: {NoPublisherAmong(networks)}"
            };
        IReadOnlyList<PortBinding> ports = [.. requests.Ports, .. published];
        return new(networks, ports.Count == 0 ? null : PublisherAmong(networks), ports);

        PlannedAttachment Resolve(NetworkRequest requested)
        {
            try
            {
                return PlannedAttachment.Resolve(requested, folder);
            }
            catch (CniConfigException fault)
            {
                throw new RefusedException($"{labels.NetworksSource}: {fault.Message}");
            }
        }
    }

    private static PlannedAttachment PublisherAmong(List<PlannedAttachment> networks) =>
        networks.FirstOrDefault(network => network.CanPublishPorts)
        ?? throw ContainerLabels.Invalid(ContainerLabels.PortsKey, $"{NoPublisherAmong(networks)}, or remove the label");

    private static string NoPublisherAmong(List<PlannedAttachment> networks) =>
        $"no plugin of {string.Join(", ", networks.Select(network => network.Requested.Network))} publishes ports; add "
        + $"{{\"type\":\"portmap\",\"capabilities\":{{\"portMappings\":true}}}} to a list";
}
