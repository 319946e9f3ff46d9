using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// The <c>ipam</c> section of an endpoint whose addresses the IPAM driver has reserved: <c>static</c>, with the result of the list's IPAM.
/// The list's own IPAM would assign other addresses.
/// </summary>
internal sealed class ReservedAddresses(StateFolder<StoredReservation> reservations, CniRuntime runtime)
{
    /// <summary>The section that assigns these addresses, with their gateways, routes and DNS.</summary>
    /// <exception cref="RefusedException">An address is not reserved.</exception>
    public JsonElement Section(StoredNetwork network, IReadOnlyList<string> addresses)
    {
        List<CidrAddress> wanted = [.. addresses.Select(CidrAddress.Parse)];
        List<CniResult> answers = [.. wanted.Select(address => Holder(network, address))
            .DistinctBy(reservation => reservation.Id).Select(AnswerOf)];
        var families = wanted.Select(address => address.Address.AddressFamily).ToHashSet();
        var given = new CniResult
        {
            Ips = [.. answers.SelectMany(answer => answer.Ips).Where(ip => wanted.Contains(ip.Address))],
            Routes = [.. answers.SelectMany(answer => answer.Routes)
                .Where(route => families.Contains(route.Destination.Address.AddressFamily)).Distinct()],
            Dns = answers.Select(answer => answer.Dns).FirstOrDefault(dns => dns is not null),
        };
        return SectionOf(given);
    }

    /// <summary>The name of the container that these addresses were reserved for; empty where unknown.</summary>
    public string ContainerOf(StoredNetwork network, IReadOnlyList<string> addresses) =>
        addresses.Select(address => Holder(network, CidrAddress.Parse(address)).ContainerName)
            .FirstOrDefault(name => name.Length > 0) ?? "";

    /// <summary>The section for addresses with gateways only.</summary>
    public static JsonElement SectionOf(IEnumerable<CniAddress> addresses) => SectionOf(new CniResult { Ips = [.. addresses] });

    private static JsonElement SectionOf(CniResult given)
    {
        var json = JsonNode.Parse(given.ToJson("1.1.0"))!;
        var section = new JsonObject { ["type"] = "static", ["addresses"] = json["ips"]!.DeepClone() };
        foreach (var key in new[] { "routes", "dns" })
        {
            if (json[key] is { } value)
                section[key] = value.DeepClone();
        }
        return ListJson.Element(section);
    }

    private StoredReservation Holder(StoredNetwork network, CidrAddress address) =>
        reservations.All.FirstOrDefault(reservation =>
            reservation.ListName == network.ListName && reservation.Claimed.Any(claimed => CidrAddress.Parse(claimed).Equals(address)))
        ?? throw new RefusedException($"{address.Address} is not reserved in the list '{network.ListName}': the reservation for this "
            + "container was released; start it again");

    private CniResult AnswerOf(StoredReservation reservation) =>
        runtime.Find(NetworkName.Parse(reservation.ListName), ContainerId.Parse(reservation.Id), HoldingNamespaces.IfName)?.Result
        ?? throw new RefusedException($"the result of the list '{reservation.ListName}' for "
            + $"{string.Join(", ", reservation.Addresses)} is no longer on disk; start the container again");
}
