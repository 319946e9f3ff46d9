using CniCore.Config;
using CniCore.Spec;
using DockerDriver.Hosting;
using DockerDriver.Networks;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>What a container's labels come to, with the network lists as they are now.</summary>
/// <param name="Networks">What it is to be attached to, in this order.</param>
/// <param name="Publisher">The one of them that publishes its ports; null where it publishes none.</param>
/// <param name="Ports"><c>cni.ports</c>.</param>
internal sealed record ContainerPlan(IReadOnlyList<PlannedAttachment> Networks, PlannedAttachment? Publisher, IReadOnlyList<PortBinding> Ports)
{
    /// <exception cref="RefusedException">A label is wrong, or a list is not there or does not do what it asks for.</exception>
    public static ContainerPlan Of(StoredContainer container, Settings settings)
    {
        var labels = new ContainerLabels(container.Labels, settings.DefaultNetworks);
        var wishes = labels.Parse();
        var folder = new NetworkListFolder(settings.ConfDir);
        List<PlannedAttachment> networks = [.. wishes.Networks.Select(Resolve)];
        return new(networks, wishes.Ports.Count == 0 ? null : PublisherAmong(networks), wishes.Ports);

        PlannedAttachment Resolve(NetworkWish wish)
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
        ?? throw ContainerLabels.Wrong(ContainerLabels.PortsKey, $"no plugin of {string.Join(", ", networks.Select(one => one.Wish.Network))} publishes ports; add {{\"type\":\"portmap\",\"capabilities\":{{\"portMappings\":true}}}} to a list, or remove the label");
}
