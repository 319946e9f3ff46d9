using System.Net;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// An endpoint whose teardown has failed: it is tried again ever more rarely, or goes all the same where nothing of it can be left.
/// </summary>
internal sealed partial class EndpointService
{
    // Docker's own call has 25 s, of which the ADD wants most.
    private static readonly TimeSpan FormerLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After a reboot nothing of it is in the kernel. Where no plugin of its list keeps anything elsewhere, one DEL, for the local files,
    /// is enough.
    /// </summary>
    private async Task<bool> GoesAnywayAsync(StoredEndpoint endpoint, Exception fault)
    {
        try
        {
            if (endpoint.Boot == boot.Id || !await attacher.ForgetLocalAsync(endpoint))
                return false;
            ports.Release(endpoint.Id);
            endpoints.Remove(endpoint.Id);
            Forgotten(fault.Message);
            return true;
        }
        catch (Exception failed)
        {
            NotForgotten(failed.Message);
            return false;
        }
    }

    /// <summary>
    /// Lets endpoints go first that are being torn down and have what this one asks for: a container that is made anew has the address
    /// and the ports of the one before. Waits for so long as that may take; then the ADD says what is in its way.
    /// </summary>
    private async Task AwaitFormerAsync(StoredEndpoint endpoint, IReadOnlyList<PortBinding> published, CancellationToken cancel)
    {
        var addresses = AddressesOf(endpoint);
        var former = endpoints.All.Where(other =>
            other.Phase == EndpointPhase.Leaving && other.Id != endpoint.Id && (Shares(other) || other.Ports.Any(IsPublished))).ToList();
        if (former.Count == 0)
            return;
        AwaitsFormer(string.Join(", ", former.Select(other => ShortId.Of(other.Id))));
        await Task.WhenAll(former.Select(other => Task.Run(() => ForgetAsync(other), CancellationToken.None)))
            .WaitAsync(FormerLimit, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();

        bool Shares(StoredEndpoint other) =>
            addresses.Count > 0 && other.ListName == endpoint.ListName
                && (AddressesOf(other).Overlaps(addresses) || ResultAddresses(other).Any(addresses.Contains));
        bool IsPublished(PublishedPort port) =>
            published.Any(one => one.HostPort <= port.HostPort && port.HostPort <= Math.Max(one.HostPort, one.HostPortEnd));
    }

    private IEnumerable<IPAddress> ResultAddresses(StoredEndpoint endpoint) =>
        attacher.ResultOf(endpoint)?.Ips.Select(ip => ip.Address.Address) ?? [];

    private static HashSet<IPAddress> AddressesOf(StoredEndpoint endpoint) =>
        [.. endpoint.Addresses.Concat(endpoint.Wished)
            .Select(address => AddressText.TryParse(address.Split('/')[0], out var parsed) ? parsed : null).OfType<IPAddress>()];

    private StoredEndpoint Resting(StoredEndpoint endpoint, Exception fault)
    {
        var failed = endpoint.FailedDels + 1;
        var pause = BackOff.OfDel.After(failed);
        if (fault.Message == endpoint.Fault)
            StillNotTornDown(fault.Message, pause.TotalSeconds);
        else
            NotTornDown(endpoint.AddFault is { } add ? Reasons.Of(add, fault.Message) : fault.Message, pause.TotalSeconds);
        return endpoint with { Fault = fault.Message, FailedDels = failed, NextTry = clock.GetUtcNow() + pause };
    }

    [LoggerMessage(LogLevel.Warning,
        "forgotten after its DEL failed: it was made before the last reboot, and its plugins keep nothing outside this host: {Reason}")]
    private partial void Forgotten(string reason);

    [LoggerMessage(LogLevel.Error, "could not be forgotten: {Reason}")]
    private partial void NotForgotten(string reason);

    [LoggerMessage(LogLevel.Information, "waits for the end of {Former}, of which it has an address or a port")]
    private partial void AwaitsFormer(string former);

    [LoggerMessage(
        LogLevel.Error, "not torn down: {Reason}; next try in {Seconds} s, ever more rarely until it succeeds; 'cnid attachments' has it")]
    private partial void NotTornDown(string reason, double seconds);

    [LoggerMessage(LogLevel.Debug, "still not torn down: {Reason}; next try in {Seconds} s")]
    private partial void StillNotTornDown(string reason, double seconds);
}
