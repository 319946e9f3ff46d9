using CniCore.Cache;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Dhcp;

/// <summary>
/// Keeps leases where their interfaces are. The daemon renews from the namespace in which it was asked, which was the holding one: when
/// Docker has moved the interface, the lease follows it into the sandbox. The server sees the same client, and gives the same address.
/// </summary>
internal sealed partial class LeaseService(IPluginInvoker plugins, CniRuntime runtime, HoldingNamespaces holding, ILogger<LeaseService> log)
{
    /// <summary>Whether the endpoint's address is a lease that has not followed it yet.</summary>
    public static bool IsDue(StoredEndpoint endpoint) => endpoint is { Phase: EndpointPhase.Joined, IsLeased: true, LeaseInterface: null };

    /// <summary>Lets the lease follow the interface into the sandbox, under the name it has there.</summary>
    /// <returns>That name; null where the interface is not there yet.</returns>
    /// <exception cref="CniException">The daemon or the server does not answer.</exception>
    /// <exception cref="RefusedException">Another address was given.</exception>
    public async Task<string?> FollowAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        if (AttachmentOf(endpoint) is not { } attachment || Sandbox.Find(endpoint) is not { IsUp: true } link)
            return null;
        // First, for both may go by one name. The server is not told: the interface, through which it would be, is not there any more.
        await CallAsync(CniCommand.Del, attachment, holding.PathOf(endpoint), attachment.IfName, cancel);
        await AcquireAsync(attachment, endpoint.SandboxKey, link.Name, cancel);
        Followed(link.Name);
        return link.Name;
    }

    /// <summary>Asks a daemon for a lease that another one had, from where its interface is.</summary>
    /// <exception cref="CniException">The daemon or the server does not answer.</exception>
    /// <exception cref="RefusedException">Another address was given.</exception>
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

    /// <summary>The same for an endpoint whose lease has followed it.</summary>
    public Task AcquireAsync(StoredEndpoint endpoint, CancellationToken cancel) =>
        endpoint.LeaseInterface is { } name && AttachmentOf(endpoint) is { } attachment
        ? AcquireAsync(attachment, endpoint.SandboxKey, name, cancel)
        : Task.CompletedTask;

    /// <summary>
    /// Gives the lease back, while there is an interface to say so through. Where the lease is not known to have followed it, it may have:
    /// the call that let it was broken off after the daemon had it. For one that the daemon does not know, DEL does nothing.
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
            NotReleased(fault.Message); // nor is its endpoint's DEL kept from running
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

    [LoggerMessage(LogLevel.Warning, "the lease was not given back: {Reason}; it ends by its own time")]
    private partial void NotReleased(string reason);
}
