using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Hosting;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Cli;

/// <summary>What exists: the lists of the configuration folder, Docker's networks, the attachments.</summary>
internal sealed class Inventory(Settings settings, CniRuntime runtime)
{
    /// <summary>The lists an administrator wrote, then Docker's networks, each with the list it had when it was created.</summary>
    public IEnumerable<NetworkItem> Networks()
    {
        foreach (var list in new NetworkListFolder(settings.ConfDir).Read().Lists)
            yield return new(list, runtime.BuiltinsFor(list), Stored: null);
        var networks = new StateFolder<StoredNetwork>(settings.NetworksFolder, StateJson.Default.StoredNetwork, NullLogger<StateFolder<StoredNetwork>>.Instance);
        foreach (var network in networks.Peek().OrderBy(network => network.CreatedAt))
        {
            var list = network.ParseList();
            yield return new(list, runtime.BuiltinsFor(list), network);
        }
    }

    /// <summary>What is attached, then the none-containers that should be and are not.</summary>
    public IEnumerable<IInventoryItem> Attachments()
    {
        var containers = new StateFolder<StoredContainer>(settings.ContainersFolder, StateJson.Default.StoredContainer, NullLogger<StateFolder<StoredContainer>>.Instance).Peek().ToDictionary(container => container.Id);
        foreach (var attachment in runtime.Attachments().OrderBy(attachment => attachment.CreatedAt))
            yield return new AttachmentItem(attachment, containers.GetValueOrDefault(attachment.ContainerId));
        foreach (var container in containers.Values.Where(container => container.Phase == ContainerPhase.Failed).OrderBy(container => container.ChangedAt))
            yield return new FailedContainerItem(container);
    }

    /// <summary>What has that name or id, or an id that begins so.</summary>
    /// <exception cref="CniConfigException">Nothing has.</exception>
    public IReadOnlyList<IInventoryItem> Find(string id)
    {
        List<IInventoryItem> found = [.. Networks().Where(network => network.IsNamed(id)), .. Attachments().Where(attachment => attachment.IsNamed(id))];
        return found.Count > 0 ? found : throw new CniConfigException($"nothing has the name or id {id}; see: cnid networks, cnid attachments");
    }
}
