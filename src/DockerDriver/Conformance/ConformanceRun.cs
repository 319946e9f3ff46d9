using System.Collections;
using System.Text;
using System.Text.Json;
using CniCore.Linux;
using CniCore.Linux.Processes;

namespace DockerDriver.Conformance;

/// <summary>
/// Tries one plugin, in two halves of this program: the one starts the other in a world of its own, which a plugin may ruin, and reads
/// its report.
/// </summary>
internal static class ConformanceRun
{
    /// <summary>The verb of the other half.</summary>
    public const string InnerVerb = "conformance-inside";

    private static readonly ProcessLimits Limits = new(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(2), 4 * 1024 * 1024, 64 * 1024);

    /// <exception cref="IOException">The other half did not come to its end.</exception>
    public static async Task<ConformanceReport> OfAsync(Subject subject, CancellationToken cancel)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            // with one of those set, it would be a plugin itself
            .Where(variable => !((string)variable.Key).StartsWith("CNI_", StringComparison.Ordinal))
            .Select(variable => $"{variable.Key}={variable.Value}");
        IEnumerable<string> kept = [AppContext.BaseDirectory, .. subject.Folders, .. subject.Path.Length > 0
            ? [Path.GetDirectoryName(subject.Path)!]
            : Array.Empty<string>()];
        var exit = await StartAsync(subject, environment, kept, cancel);
        cancel.ThrowIfCancellationRequested();
        if (exit is { End: ProcessEnd.Itself, Status: 0 })
            return JsonSerializer.Deserialize(exit.Output, ConformanceJson.Default.ConformanceReport)!;
        var last = Encoding.UTF8.GetString(exit.Errors).Trim().Split('\n')[^1];
        throw new IOException(
            $"{subject.Type} could not be tried: {(last.Length > 0 ? last : $"status {exit.Status}, signal {exit.Signal}")}");
    }

    /// <summary>The other half: what to try on standard input, the report on standard output.</summary>
    public static async Task InsideAsync()
    {
        Subprocess.ShowOwnProcesses();
        using var input = Console.OpenStandardInput();
        var subject = (await JsonSerializer.DeserializeAsync(input, ConformanceJson.Default.Subject))!;
        ThrowAwayHost.Prepare();
        if (subject.IsBuiltin)
        {
            foreach (var type in KnownPlugins.Types.Where(Builtins.Has))
                ThrowAwayHost.Link(type);
        }
        var trial = new Trial(subject);
        var findings = new List<Finding>();
        foreach (var check in Checks.All)
            findings.Add(await check.RunAsync(trial));
        var report = new ConformanceReport(subject.Type, subject.IsBuiltin ? "built-in" : subject.Path, trial.Versions, findings);
        using var output = Console.OpenStandardOutput();
        await JsonSerializer.SerializeAsync(output, report, ConformanceJson.Default.ConformanceReport);
    }

    private static async Task<ProcessExit> StartAsync(
        Subject subject, IEnumerable<string> environment, IEnumerable<string> kept, CancellationToken cancel)
    {
        try
        {
            return await Subprocess.RunIsolatedAsync(Environment.ProcessPath!, [InnerVerb], environment, kept,
                JsonSerializer.SerializeToUtf8Bytes(subject, ConformanceJson.Default.Subject), Limits, cancel);
        }
        catch (LinuxException fault)
        {
            throw new IOException($"plugins are tried in namespaces of their own, which needs root and overlayfs: {fault.Message}", fault);
        }
    }
}
