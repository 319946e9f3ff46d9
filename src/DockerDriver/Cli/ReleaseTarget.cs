using CniCore.Cache;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Cli;

/// <summary>A CNI container id to release: its attachments, and the record that owns them.</summary>
/// <param name="Id">CNI's container id.</param>
/// <param name="Attachments">Empty where ADD never started, or where their files were lost.</param>
internal sealed record ReleaseTarget(
    string Id, IReadOnlyList<Attachment> Attachments, StoredEndpoint? Endpoint, StoredReservation? Reservation, StoredContainer? Container)
{
    /// <summary>Whether the daemon owns it.</summary>
    public bool IsOwned => Endpoint is not null || Reservation is not null || Container is not null;

    /// <summary>
    /// Finds the targets of an id that <c>cnid attachments</c> prints, of the beginning of an id, or of a container's name or id.
    /// </summary>
    /// <exception cref="CniConfigException">The beginning is ambiguous.</exception>
    public static IReadOnlyList<ReleaseTarget> Find(Settings settings, CniRuntime runtime, EngineNames names, string word)
    {
        var endpoints = Folder(settings.EndpointsFolder, StateJson.Default.StoredEndpoint);
        var reservations = Folder(settings.ReservationsFolder, StateJson.Default.StoredReservation);
        var containers = Folder(settings.ContainersFolder, StateJson.Default.StoredContainer);
        var attachments = runtime.Attachments().ToLookup(attachment => attachment.ContainerId);
        List<ReleaseTarget> all =
        [
            .. from id in attachments.Select(target => target.Key).Union(endpoints.Keys).Union(reservations.Keys).Union(containers.Keys)
               select new ReleaseTarget(id, [.. attachments[id]], endpoints.GetValueOrDefault(id), reservations.GetValueOrDefault(id),
                   containers.GetValueOrDefault(id)),
        ];
        if (all.Where(target => target.Id == word || target.Container?.Name == word
            || names.Containers.GetValueOrDefault(target.Id).Name == word)
            .ToList() is { Count: > 0 } exact)
            return exact;
        var begin = all.Where(target => target.Id.StartsWith(word, StringComparison.Ordinal)
            || names.Containers.GetValueOrDefault(target.Id).Id?.StartsWith(word, StringComparison.Ordinal) == true).ToList();
        var owners = begin.Select(target => names.Containers.GetValueOrDefault(target.Id).Id ?? target.Id).Distinct().ToList();
        return owners.Count <= 1
            ? begin
            : throw new CniConfigException($"{word} is ambiguous: {string.Join(" or ", owners)}; use a longer id");
    }

    private static Dictionary<string, T> Folder<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class, IStored =>
        new StateFolder<T>(path, type, NullLogger<StateFolder<T>>.Instance).Peek().ToDictionary(thing => thing.Id);
}
