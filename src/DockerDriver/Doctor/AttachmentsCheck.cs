using CniCore.Cache;
using CniCore.Linux.Namespaces;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Doctor;

/// <summary>Finds attachments that nobody will delete, or whose DEL fails.</summary>
internal sealed class AttachmentsCheck() : DoctorCheck("attachments", "their addresses, ports and rules remain in use")
{
    // From ADD until the owner's record is on disk, or the other way round.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var endpoints = host.Endpoints.Select(endpoint => endpoint.Id).ToHashSet(StringComparer.Ordinal);
        var containers = host.Containers.Where(container => container.MayHaveAttachments).Select(container => container.Id)
            .ToHashSet(StringComparer.Ordinal);
        var reservations = host.Reservations.Select(reservation => reservation.Id).ToHashSet(StringComparer.Ordinal);
        var all = host.Runtime.Attachments();
        List<DoctorFinding> findings =
        [
            .. all.Where(attachment => !endpoints.Contains(attachment.ContainerId) && !containers.Contains(attachment.ContainerId)
                && !reservations.Contains(attachment.ContainerId) && IsUnowned(attachment)).Select(Unowned),
            .. host.Endpoints.Where(endpoint => endpoint is { Phase: EndpointPhase.Leaving, Fault: not null })
                .Select(endpoint => Undeleted(ShortId.Of(endpoint.Id), endpoint.Id, endpoint.ListName, endpoint.Fault!)),
            .. host.Reservations.Where(reservation => reservation is { Phase: ReservationPhase.Releasing, Fault: not null })
                .Select(reservation => Undeleted(ShortId.Of(reservation.Id), reservation.Id, reservation.ListName, reservation.Fault!)),
            .. host.Containers.Where(container => container is { Phase: ContainerPhase.Detaching, Fault: not null })
                .Select(container => Undeleted(container.Name, container.Id, "", container.Fault!)),
        ];
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(findings.Count > 0
            ? findings
            : [Ok($"{all.Count} attachment{(all.Count == 1 ? "" : "s")}, each with an owner")]);
    }

    private DoctorFinding Unowned(Attachment attachment) => Warn(
        $"{attachment.Network}/{attachment.ContainerId}/{attachment.IfName} ({attachment.Phase.ToString().ToLowerInvariant()}) "
        + "belongs to no container, and its "
        + $"namespace {attachment.NetNs} is gone",
        $"cnid release {attachment.ContainerId}");

    private DoctorFinding Undeleted(string name, string id, string list, string fault) => Warn(
        $"{name} could not be detached{(list.Length > 0 ? $" from {list}" : "")}: {fault}", $"cnid release --force {ShortId.Of(id)}",
        "its addresses, and ports that are still mapped, remain in use until its DEL succeeds, which is retried with growing pauses; "
        + "the command tries once more and forgets it");

    private static bool IsUnowned(Attachment attachment) =>
        TimeProvider.System.GetUtcNow() - attachment.CreatedAt > Grace
        && (attachment.NetNs.Length == 0 || !NetworkNamespace.IsAt(attachment.NetNs));
}
