using System.Collections;
using CniCore.Linux;
using CniCore.Linux.Processes;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Invoke;

/// <summary>
/// Invokes plugins as executables: environment, standard input, limits, and what their ends mean (CNI spec, section 2; libcni pkg/invoke).
/// </summary>
/// <param name="folders">The folders to look in, in order; also the plugins' <c>CNI_PATH</c>.</param>
/// <param name="clock">Measures <see cref="Timeout"/>.</param>
/// <param name="log">Hears of retries.</param>
public sealed partial class ExecInvoker(IReadOnlyList<string> folders, TimeProvider clock, ILogger<ExecInvoker> log) : IPluginInvoker
{
    private const int ETXTBSY = 26;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private readonly PluginFolders plugins = new(folders);
    private readonly FirstAdds firstAdds = new();

    /// <summary>How long one run may take, retries included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a plugin has between TERM and KILL.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of standard output; more is an error.</summary>
    public int OutputLimit { get; init; } = 1024 * 1024;

    /// <summary>Bytes of standard error that are kept.</summary>
    public int ErrorLimit { get; init; } = 64 * 1024;

    /// <inheritdoc/>
    public bool Has(PluginType type) => plugins.Find(type) is not null;

    /// <inheritdoc/>
    public async Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel)
    {
        var path = plugins.FindOrRefuse(call.Plugin);
        return call.Command == CniCommand.Add
            ? await firstAdds.RunAsync(call.Plugin, () => PersistAsync(call, path, cancel), cancel)
            : await PersistAsync(call, path, cancel);
    }

    private async Task<PluginAnswer> PersistAsync(PluginCall call, string path, CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        for (var pause = FirstPause; ; pause *= 2)
        {
            var left = Timeout - clock.GetElapsedTime(started);
            try
            {
                return await RunAsync(call, path, left, cancel);
            }
            catch (Exception fault) when (IsPassing(fault) && clock.GetElapsedTime(started) + pause < Timeout)
            {
                Again(call.Plugin.ToString(), fault.Message, pause.TotalMilliseconds);
                await Task.Delay(pause, clock, cancel);
            }
            catch (LinuxException fault)
            {
                throw new CniPluginException(CniErrorCode.Io, $"plugin {call.Plugin} could not be started", fault.Message,
                    fault) { Plugin = call.Plugin, NeverStarted = true };
            }
        }
    }

    private async Task<PluginAnswer> RunAsync(PluginCall call, string path, TimeSpan time, CancellationToken cancel)
    {
        var limits = new ProcessLimits(time, Grace, OutputLimit, ErrorLimit);
        var exit = await ProcessRunner.RunAsync(path, Environment(call), call.Config, limits, clock, cancel);
        if (exit.End == ProcessEnd.Cancelled)
            cancel.ThrowIfCancellationRequested();
        return PluginExit.Answer(call, exit, this);
    }

    // The whole environment of ours, and CNI's six on top, empty ones as well: plugins are written against libcni, which does so.
    private List<string> Environment(PluginCall call)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        variables["CNI_COMMAND"] = call.Command.ToString().ToUpperInvariant();
        variables["CNI_CONTAINERID"] = call.ContainerId;
        variables["CNI_NETNS"] = call.NetNs;
        variables["CNI_IFNAME"] = call.IfName;
        variables["CNI_ARGS"] = call.Args;
        variables["CNI_PATH"] = string.Join(':', folders);
        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    // "Text file busy" is a plugin being replaced just now; code 11 is the plugin's own word for "later".
    private static bool IsPassing(Exception fault) => fault
        is LinuxException { Errno: ETXTBSY }
        or CniPluginException { Code: CniErrorCode.TryAgain };

    [LoggerMessage(LogLevel.Debug, "plugin {Plugin} is asked again in {Pause} ms: {Reason}")]
    private partial void Again(string plugin, string reason, double pause);
}
