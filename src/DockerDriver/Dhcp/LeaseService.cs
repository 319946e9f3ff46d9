using CniCore.Cache;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Dhcp;

/// <summary>
/// Moves leases with their interfaces. The daemon renews a lease from the netns of its ADD, which was the holding namespace; after the move
/// it must be renewed from the sandbox. The server sees the same client, and assigns the same address.
/// </summary>
internal sealed partial class LeaseService(IPluginInvoker plugins, CniRuntime runtime, HoldingNamespaces holding, ILogger<LeaseService> log)
{
    /// <summary>Whether the endpoint has a lease that is not renewed from the sandbox yet.</summary>
    public static bool IsDue(StoredEndpoint endpoint) => endpoint is { Phase: EndpointPhase.Joined, IsLeased: true, LeaseInterface: null };

    /// <summary>Moves the lease to the sandbox, with the interface's name there.</summary>
    /// <returns>That name; null where the interface is not there yet.</returns>
    /// <exception cref="CniException">The daemon or the server does not answer.</exception>
    /// <exception cref="RefusedException">The server assigned another address.</exception>
    public async Task<string?> FollowAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        if (AttachmentOf(endpoint) is not { } attachment || Sandbox.Find(endpoint) is not { IsUp: true } link)
            return null;
        // DEL first, since both may have the same name. The server gets no release: the interface is no longer in that namespace.
        await CallAsync(CniCommand.Del, attachment, holding.PathOf(endpoint), attachment.IfName, cancel);
        await AcquireAsync(attachment, endpoint.SandboxKey, link.Name, cancel);
        Followed(link.Name);
        return link.Name;
    }

    /// <summary>Requests a lease that another daemon held, from where its interface is.</summary>
    /// <exception cref="CniException">The daemon or the server does not answer.</exception>
    /// <exception cref="RefusedException">The server assigned another address.</exception>
    public async Task AcquireAsync(Attachment attachment, string netns, string ifName, CancellationToken cancel)
    {
        var answer = await CallAsync(CniCommand.Add, attachment, netns, ifName, cancel);
        var given = CniResult.Parse(answer.StandardOutput.Span, attachment.List.CniVersion).Ips.Select(ip =>
            ip.Address).ToList();
        if (attachment.Result!.Ips.All(ip => given.Contains(ip.Address)))
            return;
        await CallAsync(CniCommand.Del, attachment, netns, ifName, cancel);
        throw new RefusedException($"the DHCP server gave {string.Join(", ", given)} where "
            + $"{string.Join(", ", attachment.Result.Ips.Select(ip => ip.Address))} was leased: restart the container to take it");
    }

    /// <summary>Requests again the lease of an endpoint from its sandbox.</summary>
    public Task AcquireAsync(StoredEndpoint endpoint, CancellationToken cancel) =>
        endpoint.LeaseInterface is { } name && AttachmentOf(endpoint) is { } attachment
        ? AcquireAsync(attachment, endpoint.SandboxKey, name, cancel)
        : Task.CompletedTask;

    /// <summary>
    /// Releases the lease while there is an interface to send through. A lease that is not recorded as moved may have been, if the call was
    /// interrupted. DEL of an unknown lease does nothing.
    /// </summary>
    public async Task ReleaseAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        if ((endpoint.LeaseInterface ?? Sandbox.Find(endpoint)?.Name) is not { } name || AttachmentOf(endpoint) is not { } attachment)
            return;
        try
        {
            await CallAsync(CniCommand.Del, attachment, endpoint.SandboxKey, name, cancel);
        }
        catch (Exception fault) when (fault is CniException or OperationCanceledException)
        {
            NotReleased(fault.Message); // the endpoint's DEL runs anyway
        }
    }

    private Task<PluginAnswer> CallAsync(
        CniCommand command, Attachment attachment, string netns, string ifName, CancellationToken cancel) =>
        plugins.InvokeAsync(new(command, DhcpConfig.Plugin, attachment.ContainerId, netns, ifName, attachment.Args,
            DhcpConfig.For(attachment, ifName)), cancel);

    private Attachment? AttachmentOf(StoredEndpoint endpoint) =>
        runtime.Find(NetworkName.Parse(endpoint.ListName), ContainerId.Parse(endpoint.Id),
            HoldingNamespaces.IfName) is { Result: not null } attachment
            ? attachment : null;

    [LoggerMessage(LogLevel.Information, "the lease is renewed from the sandbox's {Interface}")]
    private partial void Followed(string @interface);

    [LoggerMessage(LogLevel.Warning, "the lease was not released: {Reason}; it will expire")]
    private partial void NotReleased(string reason);
}
