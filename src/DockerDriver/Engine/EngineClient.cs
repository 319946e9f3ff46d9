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
/// The engine's API: every question that cnid asks, and one kind of fault. Asked on cnid's own time, never within a call of the engine's
/// (at its start that would be a deadlock), and never under a lock that a starting container may wait for.
/// </summary>
internal sealed class EngineClient(Settings settings) : IDisposable
{
    /// <summary>For a question whose answer the engine only has to look up. Thousands of containers take it seconds.</summary>
    public static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(30);

    // To be inspected or stopped, a container that starts is waited for, and its networks may take their whole time.
    private static readonly TimeSpan WaitingLimit = TimeSpan.FromSeconds(90);

    // Buffered events of the last moments are sent again: nothing is missed between the subscription and the first listing.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(2);

    // Docker asks cnid in turn, up to three times, which may take its whole time for each.
    private static readonly TimeSpan CreateLimit = TimeSpan.FromSeconds(90);

    private readonly DockerClient docker = Connect(settings);
    private string? root;

    /// <exception cref="EngineException">It does not answer.</exception>
    public Task PingAsync(TimeSpan limit, CancellationToken cancel) => AskAsync(
        async limited =>
        {
            await docker.System.PingAsync(limited);
            return true;
        },
        limit,
        cancel);

    /// <summary>Its version, and what it does for the security of its containers.</summary>
    /// <exception cref="EngineException">There is no usable answer.</exception>
    public Task<(string Version, IReadOnlyCollection<string> Security)> DescribeAsync(TimeSpan limit, CancellationToken cancel) => AskAsync(
        async limited =>
        {
            var info = await docker.System.GetSystemInfoAsync(limited);
            return (info.ServerVersion ?? throw new EngineException("it does not say its version"),
                (IReadOnlyCollection<string>)[.. info.SecurityOptions ?? []]);
        },
        limit,
        cancel);

    /// <summary>What it says of itself and its networks.</summary>
    /// <exception cref="EngineException">There is no usable answer.</exception>
    public Task<EngineReport> ReportAsync(TimeSpan limit, CancellationToken cancel) => AskAsync(
        async limited =>
        {
            var info = await docker.System.GetSystemInfoAsync(limited);
            return EngineReport.Of(info, await docker.Networks.ListNetworksAsync(new NetworksListParameters(), limited));
        },
        limit,
        cancel);

    /// <summary>Its names for what cnid knows by id.</summary>
    /// <exception cref="EngineException">There is no usable answer.</exception>
    public Task<EngineNames> NamesAsync(TimeSpan limit, CancellationToken cancel) => AskAsync(
        async limited => EngineNames.Of(await docker.Networks.ListNetworksAsync(new NetworksListParameters(), limited),
            await docker.Containers.ListContainersAsync(new() { All = true }, limited)),
        limit,
        cancel);

    /// <summary>The names of its networks.</summary>
    /// <exception cref="EngineException">There is no usable answer.</exception>
    public Task<List<string>> NetworkNamesAsync(CancellationToken cancel) => AskAsync(
        async limited => (await docker.Networks.ListNetworksAsync(new NetworksListParameters(), limited))
            .Select(network => network.Name).ToList(),
        LookUpLimit,
        cancel);

    /// <summary>Creates a network. Answers its id.</summary>
    /// <exception cref="EngineException">It does not take it, or does not answer.</exception>
    public Task<string> CreateNetworkAsync(NetworksCreateParameters network, CancellationToken cancel) => AskAsync(
        async limited => (await docker.Networks.CreateNetworkAsync(network, limited)).ID, CreateLimit, cancel);

    /// <summary>The containers that run, as it lists them.</summary>
    /// <exception cref="EngineException">There is no usable answer.</exception>
    public Task<List<ContainerListResponse>> RunningAsync(CancellationToken cancel) => AskAsync(
        async limited => (await docker.Containers.ListContainersAsync(new(), limited)).ToList(), LookUpLimit, cancel);

    /// <summary>A container that runs, with all that the engine says of it.</summary>
    /// <exception cref="EngineException">There is no usable answer.</exception>
    public Task<ContainerInspectResponse> InspectRunningAsync(string id, CancellationToken cancel) => AskAsync(
        async limited => await docker.Containers.InspectContainerAsync(id, limited) ?? throw new EngineException("no container"),
        LookUpLimit,
        cancel);

    /// <summary>All containers, running or not, or those that have a label. Waits for none of them.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<IReadOnlyList<EngineContainer>> ListAsync(string? label, CancellationToken cancel)
    {
        var filters = new Dictionary<string, IDictionary<string, bool>>();
        if (label is not null)
            filters["label"] = new Dictionary<string, bool> { [label] = true };
        return AskAsync(limited =>
            ListAsync(new ContainersListParameters { All = true, Filters = filters }, limited), LookUpLimit, cancel);
    }

    /// <summary>One of them, without waiting for it to have started: its process is not told.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public async Task<EngineContainer?> FindAsync(string id, TimeSpan limit, CancellationToken cancel)
    {
        var filters = new Dictionary<string, IDictionary<string, bool>> { ["id"] = new Dictionary<string, bool> { [id] = true } };
        var found = await AskAsync(limited =>
            ListAsync(new ContainersListParameters { All = true, Filters = filters }, limited), limit, cancel);
        return found.FirstOrDefault(container => container.Id == id);
    }

    /// <summary>All that is known of it; null where it is no more. Waits while it starts.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public Task<EngineContainer?> InspectAsync(string id, CancellationToken cancel) =>
        AskAsync(limited => TryInspectAsync(id, limited), WaitingLimit, cancel);

    /// <summary>Stops it, and with it its restart policy. One that has gone is stopped.</summary>
    /// <exception cref="EngineException">There is no answer, or it could not be stopped.</exception>
    public async Task StopAsync(string id, CancellationToken cancel)
    {
        try
        {
            await AskAsync(limited =>
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
        return AskAsync(
            async limited =>
                (await docker.Containers.ListContainersAsync(asked, limited)).Select(one => one.ID).ToList(), LookUpLimit, cancel);
    }

    /// <summary>Starts it. Returns when its process runs.</summary>
    /// <exception cref="EngineException">It could not be started, or is gone.</exception>
    public Task StartAsync(string id, CancellationToken cancel) =>
        AskAsync(limited => docker.Containers.StartContainerAsync(id, new(), limited), WaitingLimit, cancel);

    /// <summary>Hands events over until the engine ends the stream. An engine that falls silent is found out by other questions.</summary>
    /// <exception cref="EngineException">There is no answer, or one that cannot be used.</exception>
    public Task FollowAsync(IProgress<Message> events, CancellationToken cancel)
    {
        var since = (DateTimeOffset.UtcNow - Overlap).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return AskAsync(
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

    /// <summary>The labels of the image that it was made from, or why they cannot be told, in one line.</summary>
    /// <exception cref="EngineException">There is no answer.</exception>
    public async Task<ImageLabels> ImageLabelsAsync(EngineContainer container, CancellationToken cancel)
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

    private async Task<IReadOnlyList<EngineContainer>> ListAsync(ContainersListParameters parameters, CancellationToken cancel)
    {
        var listed = await docker.Containers.ListContainersAsync(parameters, cancel);
        var seen = new List<EngineContainer>();
        foreach (var one in listed)
            seen.Add(EngineContainer.Of(one, await FolderAsync(one.ID, cancel)));
        return seen;
    }

    // From where the engine's files cannot be seen. Of an image of several platforms the API describes the host's, which need not be the
    // container's.
    private async Task<ImageLabels> AskForImageAsync(string id, string unread, CancellationToken cancel)
    {
        try
        {
            var image = await AskAsync(limited => docker.Images.InspectImageAsync(id, limited), LookUpLimit, cancel);
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

    private static DockerClient Connect(Settings settings)
    {
        try
        {
            return new DockerClientBuilder().WithEndpoint(new Uri(settings.DockerHost)).Build();
        }
        catch (UriFormatException fault)
        {
            throw new EngineException($"the setting docker-host is no address: {fault.Message}", fault);
        }
    }

    /// <summary>
    /// Asks the engine. All that can go wrong on its side is one fault, whatever the client or the use of an answer throws: an engine
    /// that is stopped accepts and is silent, and a proxy before one that is down answers <c>null</c>, or what is no JSON.
    /// </summary>
    /// <param name="question">The call, and what is read of its answer: a part that is missing is the engine's fault too.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancel">Ends the question.</param>
    /// <exception cref="EngineException">There is no usable answer.</exception>
    /// <exception cref="OperationCanceledException">The caller has ended the question.</exception>
    private static async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> question, TimeSpan limit, CancellationToken cancel)
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
        catch (Exception fault) when (fault is not EngineException)
        {
            throw new EngineException(fault.Message, fault);
        }
    }
}
