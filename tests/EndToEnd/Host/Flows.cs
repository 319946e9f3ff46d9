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
    public static async Task<Flows> StartAsync(Lab lab, string enter, IEnumerable<string> flows)
    {
        var command = $"exec {enter} python3 {Path.Combine(AppContext.BaseDirectory, "flows.py")} {string.Join(' ', flows)}";
        var process = Process.Start(new ProcessStartInfo("nsenter",
            ["-t", $"{lab.Init}", "-m", "-n", "-p", "--", "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "bash", "-c", command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("flows", await process.StandardOutput.ReadLineAsync());
        return new(process);
    }

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
