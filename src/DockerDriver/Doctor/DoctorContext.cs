using CniCore.Firewall;
using CniCore.Plugins;
using CniCore.Runtime;
using DockerDriver.Configuration;
using DockerDriver.Lists;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Doctor;

/// <summary>The host and the state, read once for all checks.</summary>
internal sealed class DoctorContext
{
    private DoctorContext(Settings settings, HostFirewall firewall, CniRuntime runtime, IReadOnlyList<ListReview> lists)
    {
        (Settings, Firewall, Runtime, Lists) = (settings, firewall, runtime, lists);
        Networks = [.. new StateFolder<StoredNetwork>(
            settings.NetworksFolder, StateJson.Default.StoredNetwork, NullLogger<StateFolder<StoredNetwork>>.Instance).Peek()];
        Endpoints = [.. new StateFolder<StoredEndpoint>(
            settings.EndpointsFolder, StateJson.Default.StoredEndpoint, NullLogger<StateFolder<StoredEndpoint>>.Instance).Peek()];
        Containers = [.. new StateFolder<StoredContainer>(
            settings.ContainersFolder, StateJson.Default.StoredContainer, NullLogger<StateFolder<StoredContainer>>.Instance).Peek()];
        Reservations = [.. new StateFolder<StoredReservation>(
            settings.ReservationsFolder, StateJson.Default.StoredReservation, NullLogger<StateFolder<StoredReservation>>.Instance).Peek()];
    }

    public Settings Settings { get; }

    public HostFirewall Firewall { get; }

    public CniRuntime Runtime { get; }

    public IReadOnlyList<ListReview> Lists { get; }

    public IReadOnlyList<StoredNetwork> Networks { get; }

    public IReadOnlyList<StoredEndpoint> Endpoints { get; }

    public IReadOnlyList<StoredContainer> Containers { get; }

    public IReadOnlyList<StoredReservation> Reservations { get; }

    /// <summary>The plugin types in lists and Docker's networks, including IPAM plugins.</summary>
    public IEnumerable<string> UsedTypes =>
        Lists.Select(review => review.List).OfType<CniCore.Spec.NetworkList>().Concat(Networks.Select(network => network.List))
        .SelectMany(list => list.Plugins)
        .SelectMany(plugin => new[] { plugin.Type.ToString(), plugin.IpamType?.ToString() ?? "" })
        .Where(type => type.Length > 0)
        .Distinct();

    public static async Task<DoctorContext> ReadAsync(
        Settings settings, HostFirewall firewall, CniRuntime runtime, CancellationToken cancel) =>
        new(settings, firewall, runtime, await new ListReviewer(settings, runtime).AllAsync(cancel));
}
