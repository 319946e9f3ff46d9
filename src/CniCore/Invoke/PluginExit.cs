using System.Globalization;
using System.Text;
using CniCore.Linux.Processes;
using CniCore.Spec;

namespace CniCore.Invoke;

/// <summary>Translates the end of a plugin's process into an answer, or into an error with both of its output streams.</summary>
internal static class PluginExit
{
    public static PluginAnswer Answer(PluginCall call, ProcessExit exit, ExecInvoker options)
    {
        var errors = Encoding.UTF8.GetString(exit.Errors).Trim();
        var plugin = call.Plugin;
        var verb = call.Command.ToString().ToUpperInvariant();
        if (exit is { End: ProcessEnd.Itself, Status: 0 })
            return new(exit.Output, errors);

        var fault = exit.End switch
        {
            ProcessEnd.Deadline =>
                Fault(CniErrorCode.DeadlineExceeded,
                    $"plugin {plugin} did not finish {verb} within {Seconds(options.Timeout)} s and was stopped", Said(exit, errors)),
            ProcessEnd.TooMuchOutput =>
                Fault(CniErrorCode.Decoding, $"plugin {plugin} wrote more than {options.OutputLimit} bytes on {verb} and was stopped", ""),
            _ => PluginErrorJson.TryParse(exit.Output, plugin, errors) ?? WithoutError(),
        };
        throw new CniPluginException(fault.Code, fault.Reason, fault.Details)
        {
            Plugin = plugin,
            StandardOutput = PluginOutput.Show(exit.Output),
            StandardError = PluginOutput.Show(errors),
        };

        CniPluginException WithoutError() => Fault(
            CniErrorCode.Unknown,
            exit.Status is { } status
                ? $"plugin {plugin} failed with exit status {status}"
                : $"plugin {plugin} was killed by signal {exit.Signal} on {verb}",
            Said(exit, errors));
    }

    private static CniPluginException Fault(CniErrorCode code, string reason, string details) => new(code, reason, details);

    private static string Said(ProcessExit exit, string errors)
    {
        var said = new[] { ("standard output", PluginOutput.Show(exit.Output)), ("standard error", PluginOutput.Show(errors)) }
            .Where(stream => stream.Item2.Length > 0)
            .Select(stream => $"{stream.Item1}: {stream.Item2}");
        return string.Join("; ", said) is { Length: > 0 } both ? both : "it has no output";
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
