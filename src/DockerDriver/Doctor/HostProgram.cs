using System.ComponentModel;
using System.Diagnostics;

namespace DockerDriver.Doctor;

/// <summary>Runs a program of the host.</summary>
internal static class HostProgram
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <returns>Its output; null where it does not exist, fails, or does not end in time.</returns>
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
                var errors = process.StandardError.ReadToEndAsync(timeout.Token);
                var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
                await errors;
                await process.WaitForExitAsync(timeout.Token);
                return process.ExitCode == 0 ? output : null;
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
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
}
