using CniCore.Linux.Files;
using DockerDriver.Admin;
using DockerDriver.Configuration;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Cli;

/// <summary>Ends that a container is started again: by the daemon, which has it in memory, or where none runs on disk.</summary>
internal static class StartCancellation
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The names of the containers.</summary>
    /// <param name="settings">Where the state and the daemon are.</param>
    /// <param name="id">A container's name, or its id, or the beginning of it.</param>
    public static IReadOnlyList<string> Of(Settings settings, string id)
    {
        var log = NullLogger<StateFolder<StoredStart>>.Instance;
        var folder = new StateFolder<StoredStart>(settings.StartsFolder, StateJson.Default.StoredStart, log);
        List<StoredStart> found = [.. folder.Peek().Where(start => start.IsOf(id))];
        if (found.Count == 0)
            return [];
        try
        {
            AdminClient.Ask(settings.AdminSocket, "POST", $"/starts/end/{Uri.EscapeDataString(id)}", [], Patience);
        }
        catch (IOException)
        {
            foreach (var start in found)
                DurableFile.Delete(Path.Combine(settings.StartsFolder, start.Id + ".json"));
        }
        return [.. found.Select(start => start.Name)];
    }
}
