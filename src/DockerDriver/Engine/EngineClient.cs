using System.Globalization;
using System.Net;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.Models;
using DockerDriver.Configuration;
using DockerDriver.Engine.Files;
using DockerDriver.Errors;

namespace DockerDriver.Engine;

/// <summary>
/// The engine's API: every request that cnid makes, and one type of error. Requests are never made within a call of the engine's (during
/// its start that would be a deadlock), nor under a lock that a starting container may wait for.
/// </summary>
internal sealed class EngineClient(Settings settings) : IDisposable
{
    /// <summary>The limit for a simple query. With thousands of containers it takes seconds.</summary>
    public static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(30);

    // Inspect and stop wait for a container that is starting, which may take as long as its networks.
    private static readonly TimeSpan WaitingLimit = TimeSpan.FromSeconds(90);

    // Recent events are sent again: nothing is missed between the subscription and the first listing.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(2);

    // Docker calls cnid up to three times meanwhile, each with a limit of its own.
    private static readonly TimeSpan CreateLimit = TimeSpan.FromSeconds(90);

    private readonly DockerClient docker = Connect(settings);
    private string? root;

    /// <exception cref="EngineException">It does not answer.</exception>
    public Task PingAsync(TimeSpan limit, CancellationToken cancel) => RequestAsync(
        async limited =>
        {
            await docker.System.PingAsync(limited);
            return true;
        },
        limit,
        cancel);

    /// <summary>The engine's version and security options.</summary>
    /// <exception cref="EngineException">There is no valid answer.</exception>
    public Task<(string Version, IReadOnlyCollection<string> Security)> DescribeAsync(TimeSpan limit, CancellationToken cancel) =>
        RequestAsync(async limited =>
        {
            var info = await docker.System.GetSystemInfoAsync(limited);
            return (info.ServerVersion ?? throw new EngineException("its answer has no version"),
                (IReadOnlyCollection<string>)[.. info.SecurityOptions ?? []]);
        },
        limit,
        cancel);

    /// <summary>The engine's identity, version and networks.</summary>
    /// <exception cref="EngineException">There is no valid answer.</exception>
    public Task<EngineReport> ReportAsync(TimeSpan limit, CancellationToken cancel) =>
        RequestAsync(async limited =>
        {
            var info = await docker.System.GetSystemInfoAsync(limited);
            return EngineReport.Of(info, await docker.Networks.ListNetworksAsync(new NetworksListParameters(), limited));
        },
        limit,
        cancel);

    /// <summary>The engine's names of networks and containers.</summary>
    /// <exception cref="EngineException">There is no valid answer.</exception>
    public Task<EngineNames> NamesAsync(TimeSpan limit, CancellationToken cancel) => RequestAsync(
        async limited => EngineNames.Of(await docker.Networks.ListNetworksAsync(new NetworksListParameters(), limited),
            await docker.Containers.ListContainersAsync(new() { All = true }, limited)),
        limit,
        cancel);

    /// <summary>The names of its networks.</summary>
    /// <exception cref="EngineException">There is no valid answer.</exception>
    public Task<List<string>> NetworkNamesAsync(CancellationToken cancel) => RequestAsync(
        async limited => (await docker.Networks.ListNetworksAsync(new NetworksListParameters(), limited))
            .Select(network => network.Name).ToList(),
        LookUpLimit,
        cancel);

    /// <summary>Creates a network and returns its id.</summary>
    /// <exception cref="EngineException">It refuses, or does not answer.</exception>
    public Task<string> CreateNetworkAsync(NetworksCreateParameters network, CancellationToken cancel) => RequestAsync(
        async limited => (await docker.Networks.CreateNetworkAsync(network, limited)).ID, CreateLimit, cancel);

    /// <summary>The running containers, as listed.</summary>
    /// <exception cref="EngineException">There is no valid answer.</exception>
    public Task<List<ContainerListResponse>> RunningAsync(CancellationToken cancel) => RequestAsync(
        async limited => (await docker.Containers.ListContainersAsync(new(), limited)).ToList(), LookUpLimit, cancel);

    /// <summary>Inspects a running container.</summary>
    /// <exception cref="EngineException">There is no valid answer.</exception>
    public Task<ContainerInspectResponse> InspectRunningAsync(string id, CancellationToken cancel) => RequestAsync(
        async limited => await docker.Containers.InspectContainerAsync(id, limited) ?? throw new EngineException("no container"),
        LookUpLimit,
        cancel);

    /// <summary>All containers, running or not, or those with a label. Does not wait for starting containers.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<IReadOnlyList<EngineContainer>> ListAsync(string? label, CancellationToken cancel)
    {
        var filters = new Dictionary<string, IDictionary<string, bool>>();
        if (label is not null)
            filters["label"] = new Dictionary<string, bool> { [label] = true };
        return RequestAsync(limited =>
            ListAsync(new ContainersListParameters { All = true, Filters = filters }, limited), LookUpLimit, cancel);
    }

    /// <summary>A container as listed, without its process id. Does not wait for its start.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public async Task<EngineContainer?> FindAsync(string id, TimeSpan limit, CancellationToken cancel)
    {
        var filters = new Dictionary<string, IDictionary<string, bool>> { ["id"] = new Dictionary<string, bool> { [id] = true } };
        var found = await RequestAsync(limited =>
            ListAsync(new ContainersListParameters { All = true, Filters = filters }, limited), limit, cancel);
        return found.FirstOrDefault(container => container.Id == id);
    }

    /// <summary>Inspects a container; null where it does not exist. Waits for its start.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<EngineContainer?> InspectAsync(string id, CancellationToken cancel) =>
        RequestAsync(limited => TryInspectAsync(id, limited), WaitingLimit, cancel);

    /// <summary>Stops a container; its restart policy does not restart it. Ignores a container that does not exist.</summary>
    /// <exception cref="EngineException">There is no answer, or it could not be stopped.</exception>
    public async Task StopAsync(string id, CancellationToken cancel)
    {
        try
        {
            await RequestAsync(limited =>
                docker.Containers.StopContainerAsync(id, new() { WaitBeforeKillSeconds = 2 }, limited), WaitingLimit, cancel);
        }
        catch (EngineException fault) when (fault.InnerException is DockerApiException { StatusCode: HttpStatusCode.NotFound })
        {
        }
    }

    /// <summary>The ids of the stopped containers that have run before. Does not wait for starting containers.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<List<string>> ExitedAsync(CancellationToken cancel)
    {
        var stopped = new Dictionary<string, bool> { ["exited"] = true, ["restarting"] = true };
        var asked = new ContainersListParameters
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>> { ["status"] = stopped }
        };
        return RequestAsync(
            async limited =>
                (await docker.Containers.ListContainersAsync(asked, limited)).Select(container => container.ID).ToList(), LookUpLimit,
                    cancel);
    }

    /// <summary>Starts a container. Completes when its process runs.</summary>
    /// <exception cref="EngineException">It could not be started, or does not exist.</exception>
    public Task StartAsync(string id, CancellationToken cancel) =>
        RequestAsync(limited => docker.Containers.StartContainerAsync(id, new(), limited), WaitingLimit, cancel);

    /// <summary>Reports events until the engine ends the stream. An engine that hangs is detected by other requests.</summary>
    /// <exception cref="EngineException">There is no valid answer.</exception>
    public Task FollowAsync(IProgress<Message> events, CancellationToken cancel)
    {
        var since = (TimeProvider.System.GetUtcNow() - Overlap).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return RequestAsync(
            async limited =>
            {
                await docker.System.MonitorEventsAsync(
                    new ContainerEventsParameters { Since = since, Filters = EngineEvents.Filter }, events, limited);
                return true;
            },
            Timeout.InfiniteTimeSpan,
            cancel);
    }

    public void Dispose() => docker.Dispose();

    private async Task<EngineContainer?> TryInspectAsync(string id, CancellationToken cancel)
    {
        try
        {
            var folder = await FolderAsync(id, cancel);
            var seen = await docker.Containers.InspectContainerAsync(id, cancel);
            return EngineContainer.Of(seen, folder);
        }
        catch (DockerApiException fault) when (fault.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The labels of the container's image, or why they cannot be determined, in one line.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public async Task<ImageLabels> ImageLabelsAsync(EngineContainer container, CancellationToken cancel)
    {
        try
        {
            return new(EngineImage.LabelsOf(container.Folder), null);
        }
        catch (IOException fault)
        {
            return await InspectImageAsync(container.Image, fault.Message, cancel);
        }
    }

    private async Task<IReadOnlyList<EngineContainer>> ListAsync(ContainersListParameters parameters, CancellationToken cancel)
    {
        var listed = await docker.Containers.ListContainersAsync(parameters, cancel);
        var seen = new List<EngineContainer>();
        foreach (var container in listed)
            seen.Add(EngineContainer.Of(container, await FolderAsync(container.ID, cancel)));
        return seen;
    }

    // For when the engine's files cannot be read. Of a multi-platform image the API describes the host's platform, which may not be the
    // container's.
    private async Task<ImageLabels> InspectImageAsync(string id, string unread, CancellationToken cancel)
    {
        try
        {
            var image = await RequestAsync(limited => docker.Images.InspectImageAsync(id, limited), LookUpLimit, cancel);
            var type = image.Descriptor?.MediaType ?? "";
            var isOfSeveral = type.Contains("index", StringComparison.Ordinal) || type.Contains("list", StringComparison.Ordinal);
            return new(new Dictionary<string, string>(image.Config?.Labels ?? new Dictionary<string, string>()), isOfSeveral
                ? unread
                : null);
        }
        catch (EngineException fault) when (fault.InnerException is DockerApiException { StatusCode: HttpStatusCode.NotFound })
        {
            return new(new Dictionary<string, string>(), $"the image {id} does not exist any more");
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

    private static DockerClient Connect(Settings settings)
    {
        var builder = new DockerClientBuilder<EngineTransport.Options>(new EngineTransport(), new());
        builder.WithEndpoint(new(settings.DockerHost)); // what it answers builds with the client's own transports
        return builder.Build();
    }

    /// <summary>
    /// Makes a request. Every failure of the engine becomes one exception, whatever the client or the use of an answer throws: a stopped
    /// engine accepts connections without answering, and a proxy in front of it answers <c>null</c> or other text.
    /// </summary>
    /// <param name="question">Makes the call and reads its answer: a missing part is the engine's fault too.</param>
    /// <param name="limit">The time limit.</param>
    /// <param name="cancel">Cancels the request.</param>
    /// <exception cref="EngineException">There is no valid answer.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled the request.</exception>
    private static async Task<T> RequestAsync<T>(Func<CancellationToken, Task<T>> question, TimeSpan limit, CancellationToken cancel)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(limit);
        try
        {
            return await question(time.Token).WaitAsync(time.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException fault)
        {
            throw new EngineException($"no answer within {limit.TotalSeconds} s", fault);
        }
        catch (Exception fault)
            when (fault is NullReferenceException or ArgumentNullException or JsonException or InvalidCastException or FormatException)
        {
            throw new EngineException($"its answer cannot be used: {fault.Message}", fault);
        }
        catch (HttpRequestException fault) when (fault.InnerException is IOException unreachable)
        {
            throw new EngineException(unreachable.Message, fault);
        }
        catch (Exception fault) when (fault is not EngineException)
        {
            throw new EngineException(fault.Message, fault);
        }
    }
}
