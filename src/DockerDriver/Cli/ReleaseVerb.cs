using System.CommandLine;
using CniCore.Linux.Namespaces;
using CniCore.Spec;
using DockerDriver.Hosting;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Cli;

/// <summary><c>cnid release ID</c>: DEL for an attachment that has no owner any more, with what its ADD was given, whatever has become of its list and its namespace.</summary>
internal static class ReleaseVerb
{
    public static Command Command(Func<ParseResult, Settings> settings)
    {
        var id = new Argument<string>("ID") { Description = "the attachment's container id; see: cnid doctor, cnid attachments" };
        var verb = new Command("release", "Delete what an attachment without a container has left, replaying what its ADD was given.") { id };
        verb.SetAction((parsed, cancel) => ExitStatus.OfAsync(async () =>
        {
            var given = CniEnvironment.Over(settings(parsed));
            using var logs = CniVerbs.Logs(given);
            var runtime = CniVerbs.RuntimeOf(given, logs);
            var ended = EndStarts.Of(given, parsed.GetRequiredValue(id));
            foreach (var name in ended)
                Console.Out.WriteLine($"released {name}: it is not started again");
            var wanted = ContainerId.Parse(parsed.GetRequiredValue(id)).ToString();
            RefuseOwned(given, wanted);
            var attachments = runtime.Attachments().Where(attachment => attachment.ContainerId == wanted).ToList();
            if (attachments.Count == 0 && ended.Count > 0)
                return;
            if (attachments.Count == 0)
                throw new CniConfigException($"{wanted} has no attachment; see: cnid attachments");
            foreach (var attachment in attachments)
            {
                await runtime.DeleteAsync(attachment, NetworkNamespace.IsAt(attachment.NetNs) ? attachment.NetNs : "", cancel);
                Console.Out.WriteLine($"released {attachment.Network}/{wanted}/{attachment.IfName}");
            }
        }));
        return verb;
    }

    // Its daemon sees to those, and holds their ports.
    private static void RefuseOwned(Settings settings, string id)
    {
        var endpoints = new StateFolder<StoredEndpoint>(settings.EndpointsFolder, StateJson.Default.StoredEndpoint, NullLogger<StateFolder<StoredEndpoint>>.Instance);
        if (endpoints.Peek().Any(endpoint => endpoint.Id == id))
            throw new CniConfigException($"{id} is an endpoint of Docker's, which the daemon unmakes; take its container off the network: docker network disconnect -f NETWORK CONTAINER");
        var reservations = new StateFolder<StoredReservation>(settings.ReservationsFolder, StateJson.Default.StoredReservation, NullLogger<StateFolder<StoredReservation>>.Instance);
        if (reservations.Peek().Any(reservation => reservation.Id == id))
            throw new CniConfigException($"{id} is an address that Docker has of the IPAM driver, which the daemon gives back when its container stops");
        var containers = new StateFolder<StoredContainer>(settings.ContainersFolder, StateJson.Default.StoredContainer, NullLogger<StateFolder<StoredContainer>>.Instance);
        if (containers.Peek().Any(container => container.Id == id && container.MayHaveAttachments))
            throw new CniConfigException($"{id} is a container that the daemon detaches when it stops: docker stop {ShortId.Of(id)}");
    }
}
