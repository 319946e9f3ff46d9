using System.Globalization;
using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using DockerDriver.Hosting;

namespace DockerDriver.NoneNetwork;

/// <summary>The engine's API, as far as none-containers go. Never asked under a lock that a starting container may wait for.</summary>
internal sealed class Engine(Settings settings, TimeProvider clock) : IDisposable
{
    private const int NotFound = (int)HttpStatusCode.NotFound;

    // Buffered events of the last moments are sent again: nothing is missed between the subscription and the first listing.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(2);

    private readonly DockerClient docker = DockerApi.Connect(settings);
    private string? root;

    /// <summary>All containers, running or not. Waits for none of them.</summary>
    public async Task<IReadOnlyList<SeenContainer>> ListAsync(CancellationToken cancel) => await ListAsync(new() { All = true }, cancel);

    /// <summary>One of them, without waiting for it to have started: its process is not told.</summary>
    public async Task<SeenContainer?> FindAsync(string id, CancellationToken cancel) =>
        (await ListAsync(new() { All = true, Filters = new Dictionary<string, IDictionary<string, bool>> { ["id"] = new Dictionary<string, bool> { [id] = true } } }, cancel))
            .FirstOrDefault(container => container.Id == id);

    /// <summary>All that is known of it; null where it is no more. Waits while it starts.</summary>
    public async Task<SeenContainer?> InspectAsync(string id, CancellationToken cancel)
    {
        try
        {
            var folder = await FolderAsync(id, cancel);
            var seen = await docker.Containers.InspectContainerAsync(id, cancel);
            var runs = seen.State is { Running: true, Restarting: false }; // while it waits to be restarted it is said to run
            return new(seen.ID, (seen.Name ?? "").TrimStart('/'), new Dictionary<string, string>(seen.Config?.Labels ?? new Dictionary<string, string>()), seen.HostConfig?.NetworkMode ?? "", folder)
            {
                Pid = runs ? (int)seen.State!.Pid : 0,
                StartedAt = seen.State?.StartedAt ?? "",
                OwnDns = [.. OwnDns(seen.HostConfig)],
            };
        }
        catch (DockerApiException fault) when ((int)fault.StatusCode == NotFound)
        {
            return null;
        }
    }

    /// <summary>Stops it, and with it its restart policy. One that has gone is stopped.</summary>
    public async Task StopAsync(string id, CancellationToken cancel)
    {
        try
        {
            await docker.Containers.StopContainerAsync(id, new() { WaitBeforeKillSeconds = 2 }, cancel);
        }
        catch (DockerApiException fault) when ((int)fault.StatusCode == NotFound)
        {
        }
    }

    /// <summary>Hands events over until the engine ends the stream.</summary>
    public Task FollowAsync(ContainerEvents events, CancellationToken cancel)
    {
        var since = (clock.GetUtcNow() - Overlap).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return docker.System.MonitorEventsAsync(new ContainerEventsParameters { Since = since, Filters = ContainerEvents.Filter }, events, cancel);
    }

    public void Dispose() => docker.Dispose();

    private async Task<IReadOnlyList<SeenContainer>> ListAsync(ContainersListParameters parameters, CancellationToken cancel)
    {
        var listed = await docker.Containers.ListContainersAsync(parameters, cancel);
        var seen = new List<SeenContainer>();
        foreach (var one in listed)
            seen.Add(new(one.ID, DockerApi.NameOf(one.Names) ?? "", new Dictionary<string, string>(one.Labels ?? new Dictionary<string, string>()), one.HostConfig?.NetworkMode ?? "", await FolderAsync(one.ID, cancel)));
        return seen;
    }

    private async Task<string> FolderAsync(string id, CancellationToken cancel)
    {
        root ??= (await docker.System.GetSystemInfoAsync(cancel)).DockerRootDir;
        return Path.Combine(root, "containers", id);
    }

    private static IEnumerable<string> OwnDns(HostConfig? host)
    {
        if (host?.DNS?.Count > 0)
            yield return ResolvConf.NameServer;
        if (host?.DNSSearch?.Count > 0)
            yield return ResolvConf.Search;
        if (host?.DNSOptions?.Count > 0)
            yield return ResolvConf.Options;
    }
}
