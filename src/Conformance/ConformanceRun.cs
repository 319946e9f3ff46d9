using System.Collections;
using System.Text;
using System.Text.Json;
using CniCore.Linux;
using CniCore.Linux.Processes;

namespace Conformance;

/// <summary>
/// Tests one plugin. The process starts itself again on an isolated host, which a plugin may damage, and reads that process's report.
/// </summary>
internal static class ConformanceRun
{
    /// <summary>The verb of the isolated process.</summary>
    public const string InnerVerb = "conformance-inside";

    private static readonly ProcessLimits Limits = new(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(2), 4 * 1024 * 1024, 64 * 1024);

    /// <exception cref="IOException">The isolated process did not finish.</exception>
    public static async Task<ConformanceReport> OfAsync(PluginUnderTest plugin, CancellationToken cancel)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            // with these variables the process would act as a plugin
            .Where(variable => !((string)variable.Key).StartsWith("CNI_", StringComparison.Ordinal))
            .Select(variable => $"{variable.Key}={variable.Value}");
        IEnumerable<string> kept = [AppContext.BaseDirectory, .. plugin.Folders, .. plugin.Path.Length > 0
            ? [Path.GetDirectoryName(plugin.Path)!]
            : Array.Empty<string>()];
        var exit = await StartAsync(plugin, environment, kept, cancel);
        cancel.ThrowIfCancellationRequested();
        if (exit is { End: ProcessEnd.Itself, Status: 0 })
            return JsonSerializer.Deserialize(exit.Output, ConformanceJson.Default.ConformanceReport)!;
        var last = Encoding.UTF8.GetString(exit.Errors).Trim().Split('\n')[^1];
        throw new IOException(
            $"{plugin.Type} could not be tested: {(last.Length > 0 ? last : $"status {exit.Status}, signal {exit.Signal}")}");
    }

    /// <summary>The isolated process: the plugin to test on standard input, the report on standard output.</summary>
    public static async Task InsideAsync()
    {
        Subprocess.ShowOwnProcesses();
        using var input = Console.OpenStandardInput();
        var plugin = (await JsonSerializer.DeserializeAsync(input, ConformanceJson.Default.PluginUnderTest))!;
        ScratchHost.Prepare();
        if (plugin.IsBuiltin)
        {
            foreach (var type in KnownPlugins.Types.Where(Builtins.Has))
                ScratchHost.Link(type);
        }
        var test = new PluginTest(plugin);
        var findings = new List<Finding>();
        foreach (var check in Checks.All)
            findings.Add(await check.RunAsync(test));
        var report = new ConformanceReport(plugin.Type, plugin.IsBuiltin ? "built-in" : plugin.Path, test.Versions, findings);
        using var output = Console.OpenStandardOutput();
        await JsonSerializer.SerializeAsync(output, report, ConformanceJson.Default.ConformanceReport);
    }

    private static async Task<ProcessExit> StartAsync(
        PluginUnderTest plugin, IEnumerable<string> environment, IEnumerable<string> kept, CancellationToken cancel)
    {
        try
        {
            return await Subprocess.RunIsolatedAsync(Environment.ProcessPath!, [InnerVerb], environment, kept,
                JsonSerializer.SerializeToUtf8Bytes(plugin, ConformanceJson.Default.PluginUnderTest), Limits, cancel);
        }
        catch (LinuxException fault)
        {
            throw new IOException($"plugins are tested in namespaces of their own, which needs root and overlayfs: {fault.Message}", fault);
        }
    }
}
