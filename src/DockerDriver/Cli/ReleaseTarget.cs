using CniCore.Cache;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Cli;

/// <summary>One CNI container id that is to be released: its attachments, and who of the daemon's owns them.</summary>
/// <param name="Id">CNI's container id.</param>
/// <param name="Attachments">There may be none: their ADD never began, or their file was lost.</param>
internal sealed record ReleaseTarget(
    string Id, IReadOnlyList<Attachment> Attachments, StoredEndpoint? Endpoint, StoredReservation? Reservation, StoredContainer? Container)
{
    /// <summary>Whether the daemon sees to it.</summary>
    public bool IsOwned => Endpoint is not null || Reservation is not null || Container is not null;

    /// <summary>Finds what <c>cnid attachments</c> prints under that id, the beginning of one, or a container's name or id.</summary>
    /// <exception cref="CniConfigException">Different things begin so.</exception>
    public static IReadOnlyList<ReleaseTarget> Find(Settings settings, CniRuntime runtime, EngineNames names, string word)
    {
        var endpoints = Folder(settings.EndpointsFolder, StateJson.Default.StoredEndpoint);
        var reservations = Folder(settings.ReservationsFolder, StateJson.Default.StoredReservation);
        var containers = Folder(settings.ContainersFolder, StateJson.Default.StoredContainer);
        var attachments = runtime.Attachments().ToLookup(attachment => attachment.ContainerId);
        List<ReleaseTarget> all =
        [
            .. from id in attachments.Select(one => one.Key).Union(endpoints.Keys).Union(reservations.Keys).Union(containers.Keys)
               select new ReleaseTarget(id, [.. attachments[id]], endpoints.GetValueOrDefault(id), reservations.GetValueOrDefault(id),
                   containers.GetValueOrDefault(id)),
        ];
        if (all.Where(one => one.Id == word || one.Container?.Name == word || names.Containers.GetValueOrDefault(one.Id).Name == word)
            .ToList() is { Count: > 0 } exact)
            return exact;
        var begin = all.Where(one => one.Id.StartsWith(word, StringComparison.Ordinal)
            || names.Containers.GetValueOrDefault(one.Id).Id?.StartsWith(word, StringComparison.Ordinal) == true).ToList();
        var owners = begin.Select(one => names.Containers.GetValueOrDefault(one.Id).Id ?? one.Id).Distinct().ToList();
        return owners.Count <= 1
            ? begin
            : throw new CniConfigException($"{word} is the beginning of {string.Join(" and of ", owners)}: give more of the id");
    }

    private static Dictionary<string, T> Folder<T>(string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class, IStored =>
        new StateFolder<T>(path, type, NullLogger<StateFolder<T>>.Instance).Peek().ToDictionary(thing => thing.Id);
}
