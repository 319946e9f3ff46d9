using System.Collections;
using CniCore.Linux;
using CniCore.Linux.Processes;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Invoke;

/// <summary>
/// Runs plugins as executables: environment, standard input, limits, and the meaning of exit codes (CNI spec, section 2; libcni
/// pkg/invoke).
/// </summary>
/// <param name="folders">The folders to search, in order; also the plugins' <c>CNI_PATH</c>.</param>
/// <param name="clock">Measures <see cref="Timeout"/>.</param>
/// <param name="log">Gets a line for each retry.</param>
public sealed partial class ExecInvoker(IReadOnlyList<string> folders, TimeProvider clock, ILogger<ExecInvoker> log) : IPluginInvoker
{
    private const int ETXTBSY = 26;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private readonly PluginFolders plugins = new(folders);
    private readonly FirstAdds firstAdds = new();
    private readonly RememberedVersions versions = new();

    /// <summary>How long one run may take, retries included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The time between SIGTERM and SIGKILL.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The most bytes of standard output; more is an error.</summary>
    public int OutputLimit { get; init; } = 1024 * 1024;

    /// <summary>The bytes of standard error that are kept.</summary>
    public int ErrorLimit { get; init; } = 64 * 1024;

    /// <inheritdoc/>
    public bool Has(PluginType type) => plugins.Find(type) is not null;

    /// <inheritdoc/>
    public async Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel)
    {
        var path = plugins.FindOrRefuse(call.Plugin);
        return call.Command switch
        {
            CniCommand.Add => await firstAdds.RunAsync(call.Plugin, () => PersistAsync(call, path, cancel), cancel),
            CniCommand.Version => await versions.AnswerAsync(path, end => PersistAsync(call, path, end), cancel),
            _ => await PersistAsync(call, path, cancel),
        };
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
                    fault)
                { Plugin = call.Plugin, NeverStarted = true };
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

    // The whole environment of this process, and CNI's six variables, even empty ones: plugins are written against libcni, which does the
    // same.
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

    // ETXTBSY: the executable is being replaced. Code 11: the plugin itself says "try again later".
    private static bool IsPassing(Exception fault) => fault
        is LinuxException { Errno: ETXTBSY }
        or CniPluginException { Code: CniErrorCode.TryAgain };

    [LoggerMessage(LogLevel.Debug, "plugin {Plugin} is asked again in {Pause} ms: {Reason}")]
    private partial void Again(string plugin, string reason, double pause);
}
