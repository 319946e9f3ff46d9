using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Lists;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Cli;

/// <summary>The network lists, Docker's networks and the attachments, read from disk, with Docker's names.</summary>
internal sealed class Inventory(Settings settings, CniRuntime runtime, EngineNames names)
{
    /// <summary>The files of the configuration folder, then Docker's networks without a file.</summary>
    public async Task<IReadOnlyList<IInventoryItem>> NetworksAsync(CancellationToken cancel)
    {
        var networks = StoredNetworks();
        var reviews = await new ListReviewer(settings, runtime).AllAsync(cancel);
        List<ListItem> lists =
            [.. reviews.Select(review =>
                new ListItem(review, review.List is { } list
                    ? runtime.BuiltinsFor(list)
                    : [], [.. networks.Where(network => IsOf(network, review))], names))];
        return [.. lists, .. networks.Except(lists.SelectMany(list => list.Networks)).Select(Item)];
    }

    /// <summary>The attachments, the containers whose start is retried, and the label containers that are not attached.</summary>
    public IEnumerable<IInventoryItem> Attachments()
    {
        var containers = Folder(settings.ContainersFolder, StateJson.Default.StoredContainer).ToDictionary(container => container.Id);
        var endpoints = Folder(settings.EndpointsFolder, StateJson.Default.StoredEndpoint).ToDictionary(endpoint => endpoint.Id);
        var reservations = Folder(settings.ReservationsFolder, StateJson.Default.StoredReservation)
            .ToDictionary(reservation => reservation.Id);
        foreach (var attachment in runtime.Attachments().OrderBy(attachment => attachment.CreatedAt))
        {
            var id = attachment.ContainerId;
            yield return new AttachmentItem(
                attachment, containers.GetValueOrDefault(id), endpoints.GetValueOrDefault(id), reservations.GetValueOrDefault(id), names);
        }
        List<StoredStart> waiting = [.. Folder(settings.StartsFolder, StateJson.Default.StoredStart)
            .Where(start => start.Container is not null)];
        foreach (var start in waiting.OrderBy(start => start.FailedAt))
            yield return new WaitingContainerItem(start);
        var failed = containers.Values.Where(container =>
            container.Phase == ContainerPhase.Failed && waiting.All(start => start.Container != container.Id));
        foreach (var container in failed.OrderBy(container => container.ChangedAt))
            yield return new FailedContainerItem(container);
    }

    /// <summary>The items with that name or id, or with an id that begins with it.</summary>
    /// <exception cref="CniConfigException">There is none.</exception>
    public async Task<IReadOnlyList<IInventoryItem>> FindAsync(string id, CancellationToken cancel)
    {
        IEnumerable<IInventoryItem> all = [
            .. (await NetworksAsync(cancel)).OfType<ListItem>(), .. StoredNetworks().Select(Item), .. Attachments()];
        List<IInventoryItem> found = [.. all.Where(item => item.IsNamed(id))];
        return found.Count > 0
            ? found
            : throw new CniConfigException($"nothing has the name or id {id}; see: cnid networks, cnid attachments");
    }

    // Versions before 0.2 did not store the file of a network with the IPAM driver.
    private static bool IsOf(StoredNetwork network, ListReview review) => network.Source is { } source
        ? source == review.Path
        : network.Pools.Count > 0 && network.ListName == review.List?.Name.ToString();

    private List<StoredNetwork> StoredNetworks() =>
        [.. Folder(settings.NetworksFolder, StateJson.Default.StoredNetwork).OrderBy(network => network.CreatedAt)];

    private DockerNetworkItem Item(StoredNetwork network)
    {
        var list = network.List;
        return new(network, list, runtime.BuiltinsFor(list), names);
    }

    private static IEnumerable<T> Folder<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class, IStored =>
        new StateFolder<T>(path, type, NullLogger<StateFolder<T>>.Instance).Peek();
}
