using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using CniCore.Linux.Files;

namespace DockerDriver.Doctor;

/// <summary>Runs a program of the host.</summary>
internal static class HostProgram
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private const int OutputLimit = 16 * 1024 * 1024; // thousands of rules

    /// <returns>Its output; null where it does not exist, fails, writes without end, or does not end in time.</returns>
    public static async Task<string?> ReadOutputAsync(string program, string[] arguments, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(Timeout);
        try
        {
#pragma warning disable RS0030 // looked for in PATH, as the administrator's shell does
            using var process =
                Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
#pragma warning restore RS0030
            try
            {
                var errors = ReadAsync(process.StandardError, timeout.Token);
                var output = await ReadAsync(process.StandardOutput, timeout.Token);
                await errors;
                await process.WaitForExitAsync(timeout.Token);
                return process.ExitCode == 0 ? output : null;
            }
            catch (Exception fault) when (fault is IOException || (fault is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static async Task<string> ReadAsync(StreamReader from, CancellationToken cancel) => Encoding.UTF8.GetString(
        await Task.Run(() => LimitedInput.ReadAll(from.BaseStream, "its output", OutputLimit), cancel).WaitAsync(cancel));
}
