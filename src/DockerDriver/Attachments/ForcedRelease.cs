using CniCore.Cache;
using CniCore.Linux;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.Attachments;

/// <summary>
/// Tears an attachment down manually, even if its plugins fail: runs DEL once more, and if it fails, forgets the attachment and reports
/// what may remain.
/// </summary>
internal static class ForcedRelease
{
    // Another process may work on the same container: a plugin's time limit, and that of its undo.
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(60);

    /// <param name="runtime">The runtime whose cache has the attachment.</param>
    /// <param name="attachment">The attachment.</param>
    /// <param name="delete">Runs its DEL, with a time limit of its own.</param>
    /// <returns>A message for the user, of one or more lines.</returns>
    public static async Task<string> RunAsync(CniRuntime runtime, Attachment attachment, Func<Task> delete)
    {
        try
        {
            await delete();
            return $"released {NameOf(attachment)}";
        }
        catch (Exception fault) when (fault is CniException or RefusedException or IOException or OperationCanceledException)
        {
            var reason = fault is OperationCanceledException ? "its DEL did not end in time" : $"its DEL failed: {fault.Message}";
            attachment = runtime.Attachments().FirstOrDefault(other => NameOf(other) == NameOf(attachment)) ?? attachment;
            using var limit = new CancellationTokenSource(LockTimeout);
            await runtime.ForgetAsync(attachment, limit.Token);
            return $"forgot {NameOf(attachment)}; {reason}{RemainsText(attachment)}";
        }
    }

    private static string NameOf(Attachment attachment) => $"{attachment.Network}/{attachment.ContainerId}/{attachment.IfName}";

    private static string RemainsText(Attachment attachment)
    {
        var plugins = TypesOf(attachment).Index().Where(plugin => attachment.Done?.Contains(plugin.Index) != true)
            .Select(plugin => plugin.Item);
        var addresses = attachment.Result?.Ips.Select(ip => ip.Address.ToString()) ?? [];
        return $"""

              may remain: objects of {string.Join(", ", plugins)}{(addresses.Any() ? $", for {string.Join(", ", addresses)}" : "")}
              to find them: cnid doctor; nft list ruleset | grep {ShortId.Of(attachment.ContainerId)}; ip link
              to clean up with the plugins: cnid gc {attachment.Network} (if the configuration folder has that list)
            """;
    }

    private static IEnumerable<string> TypesOf(Attachment attachment) =>
        attachment.List.Plugins.Select(plugin => plugin.Type.ToString());
}
