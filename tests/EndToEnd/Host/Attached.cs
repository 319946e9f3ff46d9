using System.Text.Json.Nodes;

namespace EndToEnd.Host;

/// <summary>
/// Whether what should be attached is: every container on a network of cnid's, and every one with a label, once; and each reaches the
/// outside.
/// </summary>
/// <param name="lab">The lab.</param>
/// <param name="engine">Its engine.</param>
/// <param name="program">The cnid that is asked; null for the one under test.</param>
internal sealed class Attached(Lab lab, EngineApi engine, string? program = null)
{
    /// <summary>What is not so, or null.</summary>
    public async Task<string?> AmissAsync()
    {
        // The network says who is on it: after a "docker network connect" that failed, an inspect of the container says that it is.
        string[] wanted = [.. await engine.OnNetworksAsync(), .. await engine.LabelledAsync("cni.networks")];
        var shown = await lab.RunAsync($"{program ?? Lab.Cnid} attachments --json");
        if (shown.Status != 0)
            return shown.Text;
        // What was added by hand is deleted by hand; a reservation is there beside its endpoint.
        var have = JsonNode.Parse(shown.Output)!.AsArray().Count(attachment => attachment!["phase"]!.GetValue<string>() == "added"
            && !attachment["containerId"]!.GetValue<string>().StartsWith("cnitool-", StringComparison.Ordinal)
            && !attachment["containerId"]!.GetValue<string>().StartsWith("ipam-", StringComparison.Ordinal));
        if (have != wanted.Length)
            return $"{have} attachments, {wanted.Length} wanted\n{(await lab.RunAsync($"{program ?? Lab.Cnid} attachments")).Text}";
        if (wanted.Length == 0)
            return null;
        string[] containers = [.. wanted.Distinct()];
        var processes = await Task.WhenAll(containers.Select(engine.ProcessOfAsync));
        var pings = processes.Select((process, at) => $"{{ nsenter -t {process} -n busybox ping -c1 -W2 203.0.113.2 > /dev/null "
            + $"|| echo {containers[at]} does not reach the outside; }}");
        var reached = await lab.RunAsync(string.Join(" & ", pings) + " & wait");
        return reached.Text is { Length: > 0 } amiss ? amiss : null;
    }
}
