using CniCore.Cache;
using CniCore.Linux.Namespaces;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Doctor;

/// <summary>Attachments that nobody will delete: what ADD made for them stays.</summary>
internal sealed class AttachmentsCheck() : Check("attachments", "their addresses, ports and rules stay taken")
{
    // From the ADD of an attachment until its owner is on disk, or the other way round.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    public override Task<IReadOnlyList<Finding>> LookAsync(DoctorContext host, CancellationToken cancel)
    {
        var endpoints = host.Endpoints.Select(endpoint => endpoint.Id).ToHashSet(StringComparer.Ordinal);
        var containers = host.Containers.Where(container => container.MayHaveAttachments).Select(container => container.Id)
            .ToHashSet(StringComparer.Ordinal);
        var reservations = host.Reservations.Select(reservation => reservation.Id).ToHashSet(StringComparer.Ordinal);
        var all = host.Runtime.Attachments();
        List<Finding> findings =
        [
            .. all.Where(one => !endpoints.Contains(one.ContainerId) && !containers.Contains(one.ContainerId)
                && !reservations.Contains(one.ContainerId) && IsDead(one)).Select(Dead),
            .. host.Endpoints.Where(endpoint => endpoint is { Phase: EndpointPhase.Leaving, Fault: not null })
                .Select(endpoint => Late(ShortId.Of(endpoint.Id), endpoint.Id, endpoint.ListName, endpoint.Fault!)),
            .. host.Reservations.Where(reservation => reservation is { Phase: ReservationPhase.Releasing, Fault: not null })
                .Select(reservation => Late(ShortId.Of(reservation.Id), reservation.Id, reservation.ListName, reservation.Fault!)),
            .. host.Containers.Where(container => container is { Phase: ContainerPhase.Detaching, Fault: not null })
                .Select(container => Late(container.Name, container.Id, "", container.Fault!)),
        ];
        return Task.FromResult<IReadOnlyList<Finding>>(findings.Count > 0
            ? findings
            : [Ok($"{all.Count} attachment{(all.Count == 1 ? "" : "s")}, each with its owner")]);
    }

    private Finding Dead(Attachment one) => Warn(
        $"{one.Network}/{one.ContainerId}/{one.IfName} ({one.Phase.ToString().ToLowerInvariant()}) belongs to no container, and its "
        + $"namespace {one.NetNs} is gone",
        $"cnid release {one.ContainerId}");

    private Finding Late(string name, string id, string list, string fault) => Warn(
        $"{name} could not be detached{(list.Length > 0 ? $" from {list}" : "")}: {fault}", $"cnid release --force {ShortId.Of(id)}",
        "its addresses, and ports that are still mapped, stay taken until its DEL succeeds, which is tried again ever more rarely; the "
        + "command tries once more and forgets it");

    private static bool IsDead(Attachment one) =>
        DateTimeOffset.UtcNow - one.CreatedAt > Grace && (one.NetNs.Length == 0 || !NetworkNamespace.IsAt(one.NetNs));
}
