using System.Globalization;
using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;
using DockerDriver.Configuration;
using DockerDriver.Engine.Files;
using DockerDriver.Errors;

namespace DockerDriver.Engine;

/// <summary>The engine's API, as far as none-containers go. Never asked under a lock that a starting container may wait for.</summary>
internal sealed class EngineClient(Settings settings) : IDisposable
{
    private const int NotFound = (int)HttpStatusCode.NotFound;

    // To be inspected or stopped, a container that starts is waited for, and its networks may take their whole time.
    private static readonly TimeSpan WaitingLimit = TimeSpan.FromSeconds(90);

    // Buffered events of the last moments are sent again: nothing is missed between the subscription and the first listing.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(2);

    private readonly DockerClient docker = DockerApi.Connect(settings);
    private string? root;

    /// <summary>All containers, running or not, or those that have a label. Waits for none of them.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<IReadOnlyList<SeenContainer>> ListAsync(string? label, CancellationToken cancel)
    {
        var filters = new Dictionary<string, IDictionary<string, bool>>();
        if (label is not null)
            filters["label"] = new Dictionary<string, bool> { [label] = true };
        return DockerApi.AskAsync(limited =>
            ListAsync(new ContainersListParameters { All = true, Filters = filters }, limited), DockerApi.Limit, cancel);
    }

    /// <summary>One of them, without waiting for it to have started: its process is not told.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public async Task<SeenContainer?> FindAsync(string id, TimeSpan limit, CancellationToken cancel)
    {
        var filters = new Dictionary<string, IDictionary<string, bool>> { ["id"] = new Dictionary<string, bool> { [id] = true } };
        var found = await DockerApi.AskAsync(limited =>
            ListAsync(new ContainersListParameters { All = true, Filters = filters }, limited), limit, cancel);
        return found.FirstOrDefault(container => container.Id == id);
    }

    /// <summary>All that is known of it; null where it is no more. Waits while it starts.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<SeenContainer?> InspectAsync(string id, CancellationToken cancel) =>
        DockerApi.AskAsync(limited => TryInspectAsync(id, limited), WaitingLimit, cancel);

    /// <summary>Stops it, and with it its restart policy. One that has gone is stopped.</summary>
    /// <exception cref="EngineException">There is no answer, or it could not be stopped.</exception>
    public async Task StopAsync(string id, CancellationToken cancel)
    {
        try
        {
            await DockerApi.AskAsync(limited =>
                docker.Containers.StopContainerAsync(id, new() { WaitBeforeKillSeconds = 2 }, limited), WaitingLimit, cancel);
        }
        catch (EngineException fault) when (fault.InnerException is DockerApiException { StatusCode: HttpStatusCode.NotFound })
        {
        }
    }

    /// <summary>The ids of those that are stopped and have run before. Waits for none.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<List<string>> ExitedAsync(CancellationToken cancel)
    {
        var stopped = new Dictionary<string, bool> { ["exited"] = true, ["restarting"] = true };
        var asked = new ContainersListParameters { All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>> { ["status"] = stopped } };
        return DockerApi.AskAsync(
            async limited =>
                (await docker.Containers.ListContainersAsync(asked, limited)).Select(one => one.ID).ToList(), DockerApi.Limit, cancel);
    }

    /// <summary>Starts it. Returns when its process runs.</summary>
    /// <exception cref="EngineException">It could not be started, or is gone.</exception>
    public Task StartAsync(string id, CancellationToken cancel) =>
        DockerApi.AskAsync(limited => docker.Containers.StartContainerAsync(id, new(), limited), WaitingLimit, cancel);

    /// <summary>Hands events over until the engine ends the stream. An engine that falls silent is found out by other questions.</summary>
    /// <exception cref="EngineException">There is no answer, or one that cannot be used.</exception>
    public Task FollowAsync(ContainerEvents events, CancellationToken cancel)
    {
        var since = (DateTimeOffset.UtcNow - Overlap).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return DockerApi.AskAsync(
            async limited =>
            {
                await docker.System.MonitorEventsAsync(
                    new ContainerEventsParameters { Since = since, Filters = ContainerEvents.Filter }, events, limited);
                return true;
            },
            Timeout.InfiniteTimeSpan,
            cancel);
    }

    public void Dispose() => docker.Dispose();

    private async Task<SeenContainer?> TryInspectAsync(string id, CancellationToken cancel)
    {
        try
        {
            var folder = await FolderAsync(id, cancel);
            var seen = await docker.Containers.InspectContainerAsync(id, cancel);
            var runs = seen.State is { Running: true, Restarting: false }; // while it waits to be restarted it is said to run
            return new(seen.ID, (seen.Name ?? "").TrimStart('/'),
                new Dictionary<string, string>(seen.Config?.Labels ?? new Dictionary<string, string>()), seen.HostConfig?.NetworkMode
                ?? "", folder)
            {
                Pid = runs ? (int)seen.State!.Pid : 0,
                StartedAt = seen.State?.StartedAt ?? "",
                Fingerprint = FingerprintOf(seen),
                HasPolicy = HasPolicy(seen),
                IsUnlessStopped = seen.HostConfig?.RestartPolicy?.Name == RestartPolicyKind.UnlessStopped,
                Error = seen.State?.Error ?? "",
                HasExited = seen.State is { Running: false, Restarting: false, Paused: false, Dead: false, Status: "exited" },
                Image = seen.Image ?? "",
                LostNetwork = LostNetworkOf(seen),
                Published = PublishedBy(seen),
                OwnDns = [.. OwnDns(seen.HostConfig)],
            };
        }
        catch (DockerApiException fault) when ((int)fault.StatusCode == NotFound)
        {
            return null;
        }
    }

    private static string? LostNetworkOf(ContainerInspectResponse seen) =>
        seen.NetworkSettings?.Networks is { Count: 0 } && seen.HostConfig?.NetworkMode is { Length: > 0 } mode and not ("none" or "host")
            && !mode.StartsWith("container:", StringComparison.Ordinal) ? mode : null;

    /// <summary>The labels of the image that it was made from, or why they cannot be told, in one line.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public async Task<ImageLabels> ImageLabelsAsync(SeenContainer container, CancellationToken cancel)
    {
        try
        {
            return new(EngineImage.LabelsOf(container.Folder), null);
        }
        catch (IOException fault)
        {
            return await AskForImageAsync(container.Image, fault.Message, cancel);
        }
    }

    private async Task<IReadOnlyList<SeenContainer>> ListAsync(ContainersListParameters parameters, CancellationToken cancel)
    {
        var listed = await docker.Containers.ListContainersAsync(parameters, cancel);
        var seen = new List<SeenContainer>();
        foreach (var one in listed)
            seen.Add(new(one.ID, DockerApi.NameOf(one.Names)
                ?? "", new Dictionary<string, string>(one.Labels ?? new Dictionary<string, string>()), one.HostConfig?.NetworkMode
                ?? "", await FolderAsync(one.ID, cancel)) { Image = one.ImageID ?? "", State = one.State ?? "" });
        return seen;
    }

    // From where the engine's files cannot be seen. Of an image of several platforms the API describes the host's, which need not be the
    // container's.
    private async Task<ImageLabels> AskForImageAsync(string id, string unread, CancellationToken cancel)
    {
        try
        {
            var image = await DockerApi.AskAsync(limited => docker.Images.InspectImageAsync(id, limited), DockerApi.Limit, cancel);
            var type = image.Descriptor?.MediaType ?? "";
            var isOfSeveral = type.Contains("index", StringComparison.Ordinal) || type.Contains("list", StringComparison.Ordinal);
            return new(new Dictionary<string, string>(image.Config?.Labels ?? new Dictionary<string, string>()), isOfSeveral
                ? unread
                : null);
        }
        catch (EngineException fault) when (fault.InnerException is DockerApiException { StatusCode: HttpStatusCode.NotFound })
        {
            return new(new Dictionary<string, string>(), $"the image {id} is not there any more");
        }
        catch (EngineException fault) when (fault.InnerException is DockerApiException { StatusCode: HttpStatusCode.InternalServerError })
        {
            return new(new Dictionary<string, string>(), $"the engine cannot read the image {id}: {fault.Message}");
        }
    }

    private async Task<string> FolderAsync(string id, CancellationToken cancel)
    {
        root ??= (await docker.System.GetSystemInfoAsync(cancel)).DockerRootDir;
        return Path.Combine(root, "containers", id);
    }

    private static IReadOnlyList<string> PublishedBy(ContainerInspectResponse seen) => PublishedPorts.Of(
        (seen.HostConfig?.PortBindings ?? new Dictionary<string, IList<PortBinding>>())
            .Select(one =>
                KeyValuePair.Create(one.Key, (one.Value ?? []).Select(binding => ((string?)binding.HostIP, (string?)binding.HostPort)))),
        seen.HostConfig?.PublishAllPorts == true ? seen.Config?.ExposedPorts?.Keys ?? [] : []);

    private static string FingerprintOf(ContainerInspectResponse seen)
    {
        IEnumerable<string> networks = seen.NetworkSettings?.Networks?.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>();
        return string.Join(' ', [seen.State?.StartedAt, seen.HostConfig?.RestartPolicy?.Name.ToString(), .. networks]);
    }

    // Swarm starts its tasks itself, and a container that is removed at its end is not to come again.
    private static bool HasPolicy(ContainerInspectResponse seen) => seen.HostConfig is { AutoRemove: false }
        && seen.HostConfig.RestartPolicy?.Name is RestartPolicyKind.Always or RestartPolicyKind.UnlessStopped or RestartPolicyKind.OnFailure
        && seen.Config?.Labels?.Keys.Any(key => key.StartsWith("com.docker.swarm.", StringComparison.Ordinal)) != true;

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
