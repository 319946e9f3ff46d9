using CniCore.Linux.Files;
using DockerDriver.Admin;
using DockerDriver.Configuration;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Cli;

/// <summary>Stops the retries of a container's start: in the daemon, or on disk if none is running.</summary>
internal static class StartCancellation
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Removes the records; returns the names of the containers.</summary>
    /// <param name="settings">The paths of the state and of the admin socket.</param>
    /// <param name="id">A container's name, its id, or the beginning of it.</param>
    public static IReadOnlyList<string> Of(Settings settings, string id)
    {
        var log = NullLogger<StateFolder<StoredStart>>.Instance;
        var folder = new StateFolder<StoredStart>(settings.StartsFolder, StateJson.Default.StoredStart, log);
        List<StoredStart> found = [.. folder.Peek().Where(start => start.IsOf(id))];
        if (found.Count == 0)
            return [];
        try
        {
            AdminClient.Ask(settings.AdminSocket, "POST", $"/starts/end/{Uri.EscapeDataString(id)}", [], Timeout);
        }
        catch (IOException)
        {
            foreach (var start in found)
                DurableFile.Delete(Path.Combine(settings.StartsFolder, start.Id + ".json"));
        }
        return [.. found.Select(start => start.Name)];
    }
}
