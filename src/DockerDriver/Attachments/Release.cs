using CniCore.Cache;
using CniCore.Linux;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.Attachments;

/// <summary>
/// Ends an attachment by hand, whatever its plugins say: DEL once more, and where it fails, forgets it and says what may be left.
/// </summary>
internal static class Release
{
    // For another process that works on the same container: a plugin's time, and the undo's.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="runtime">Has the attachment in its books.</param>
    /// <param name="attachment">What is to end.</param>
    /// <param name="delete">Its DEL, which has a limit of its own.</param>
    /// <returns>What has come of it, for people: one line, or several.</returns>
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
            attachment = runtime.Attachments().FirstOrDefault(one => NameOf(one) == NameOf(attachment)) ?? attachment;
            using var limit = new CancellationTokenSource(Patience);
            await runtime.ForgetAsync(attachment, limit.Token);
            return $"forgot {NameOf(attachment)}; {reason}{Left(attachment)}";
        }
    }

    private static string NameOf(Attachment attachment) => $"{attachment.Network}/{attachment.ContainerId}/{attachment.IfName}";

    private static string Left(Attachment attachment)
    {
        var plugins = TypesOf(attachment).Index().Where(plugin => attachment.Done?.Contains(plugin.Index) != true)
            .Select(plugin => plugin.Item);
        var addresses = attachment.Result?.Ips.Select(ip => ip.Address.ToString()) ?? [];
        return $"""

              may be left: what {string.Join(", ", plugins)} made for it{(addresses.Any() ? $", under {string.Join(", ", addresses)}" : "")}
              to look for it: cnid doctor; nft list ruleset | grep {ShortId.Of(attachment.ContainerId)}; ip link
              to have the plugins clean up what nobody owns: cnid gc {attachment.Network} (where it is a list of the configuration folder)
            """;
    }

    private static IEnumerable<string> TypesOf(Attachment attachment) =>
        attachment.List.Plugins.Select(plugin => plugin.Type.ToString());
}
