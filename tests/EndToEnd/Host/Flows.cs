using System.Diagnostics;
using System.Text.Json.Nodes;

namespace EndToEnd.Host;

/// <summary>Traffic from one namespace of a lab that goes on until it is ended, and what became of it (flows.py).</summary>
internal sealed class Flows : IAsyncDisposable
{
    private readonly Process process;

    private Flows(Process process) => this.process = process;

    /// <summary>Starts flows, each <c>NAME=tcp:ADDRESS:PORT</c> or <c>NAME=udp:…</c>.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="enter">A command in front of theirs, which takes them where they begin.</param>
    /// <param name="flows">The flows.</param>
    public static Task<Flows> StartAsync(Lab lab, string enter, IEnumerable<string> flows) =>
        StartAsync(["-t", $"{lab.Init}", "-m", "-n", "-p"], enter, flows);

    /// <summary>The same from a machine, which has no Python: only the network is its own.</summary>
    public static Task<Flows> StartAsync(Machine machine, IEnumerable<string> flows) =>
        StartAsync(["-t", $"{machine.Init}", "-n"], "", flows);

    private static async Task<Flows> StartAsync(IEnumerable<string> namespaces, string enter, IEnumerable<string> flows)
    {
        var command = $"exec {enter} python3 {Path.Combine(AppContext.BaseDirectory, "flows.py")} {string.Join(' ', flows)}";
        var process = Process.Start(new ProcessStartInfo("nsenter",
            [.. namespaces, "--", "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c", command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("flows", await process.StandardOutput.ReadLineAsync());
        return new(process);
    }

    /// <summary>Ends them: each message was answered, and no connection broke. Answers in words how much it was.</summary>
    public static async Task<string> UnbrokenAsync(IEnumerable<Flows> flows)
    {
        List<FlowCount> counts = [.. (await Task.WhenAll(flows.Select(flow => flow.EndAsync()))).SelectMany(all => all)];
        Assert.All(counts, count => Assert.Equal(count with { Lost = 0, Broken = 0 }, count));
        Assert.DoesNotContain(counts, count => count.Sent == 0);
        return $"{counts.Count} flows, {counts.Sum(count => count.Sent)} messages, none lost, none broken, "
            + $"longest pause {counts.Max(count => count.Pause)} ms";
    }

    /// <summary>A flow of each protocol.</summary>
    public static string[] Both(string name, string address, int port) =>
        [$"'{name}=tcp:{address}:{port}'", $"'{name}=udp:{address}:{port}'"];

    /// <summary>Ends them, and answers how each fared.</summary>
    public async Task<IReadOnlyList<FlowCount>> EndAsync()
    {
        process.StandardInput.Close();
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        return [.. lines.Select(line => JsonNode.Parse(line)!).Select(flow =>
            new FlowCount($"{flow["flow"]}", Of(flow, "sent"), Of(flow, "lost"), Of(flow, "broken"), Of(flow, "pause")))];

        static int Of(JsonNode flow, string member) => flow[member]!.GetValue<int>();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            _ = await EndAsync();
        process.Dispose();
    }
}
