using System.Diagnostics;
using System.Text;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>Runs the reference's executables with a namespace of the test's as their host.</summary>
internal sealed class ReferenceInvoker(string hostPath) : IPluginInvoker
{
    private const string Folder = "/usr/lib/cni";

    public static bool IsThere => Directory.Exists(Folder);

    public bool Has(PluginType type) => File.Exists(Path.Combine(Folder, type.ToString()));

    public async Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("nsenter", [$"--net={hostPath}", Path.Combine(Folder, call.Plugin.ToString())])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["CNI_COMMAND"] = call.Command.ToString().ToUpperInvariant(),
                ["CNI_CONTAINERID"] = call.ContainerId,
                ["CNI_NETNS"] = call.NetNs,
                ["CNI_IFNAME"] = call.IfName,
                ["CNI_ARGS"] = call.Args,
                ["CNI_PATH"] = Folder,
            },
        };
        using var process = Children.Start(start);
        process.BeginErrorReadLine(); // some complain although all is well
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        await process.StandardInput.BaseStream.WriteAsync(call.Config, cancel);
        process.StandardInput.Close();
        var said = Encoding.UTF8.GetBytes(await output);
        await process.WaitForExitAsync(cancel);
        return process.ExitCode == 0
            ? new(said, "")
            : throw PluginErrorJson.TryParse(said, call.Plugin, "")
                ?? new CniPluginException(CniErrorCode.Internal, $"{call.Plugin} ended with {process.ExitCode}");
    }
}
