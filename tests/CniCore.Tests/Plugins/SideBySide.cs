using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CniCore.Exec;
using CniCore.Linux.Namespaces;
using CniCore.Plugins;
using CniCore.Spec;
using CniCore.Tests.Linux;
using Microsoft.Extensions.Logging.Abstractions;

namespace CniCore.Tests.Plugins;

/// <summary>
/// A host of its own, in which a plugin runs as a built-in or as the reference's executable on the same input. What they answer and
/// leave is compared as text, with what the kernel makes up (indexes, hardware addresses, veth names) taken out.
/// </summary>
public abstract class SideBySide : LinuxTest
{
    protected const string ReferenceFolder = "/usr/lib/cni";
    private readonly BuiltinInvoker invoker;

    protected SideBySide()
    {
        Assert.SkipUnless(File.Exists($"{ReferenceFolder}/bridge"), "needs the reference plugins: containernetworking-plugins");
        Host = Space("host");
        invoker = new(BuiltinUse.Always, new ExecInvoker(new ExecOptions { PluginFolders = [ReferenceFolder] }, TimeProvider.System, NullLogger<ExecInvoker>.Instance));
        Shell(Host, "ip link set lo up");
    }

    protected NetworkNamespace Host { get; }

    /// <summary>Types that a built-in hands on to in this process too; all others are executables.</summary>
    protected virtual IReadOnlySet<string> Builtins => new HashSet<string>();

    /// <summary>Runs one verb as built-in or as executable; answers standard output.</summary>
    protected string Run(bool builtin, CniCommand verb, string type, string container, string netns, string config, string ifName = "eth0", string args = "")
    {
        var call = new PluginCall(verb, PluginType.Parse(type), container, netns, ifName, args, Encoding.UTF8.GetBytes(config)) { Builtins = new HashSet<string>(Builtins) { type } };
        return builtin
            ? Host.Inside(() => Encoding.UTF8.GetString(invoker.InvokeAsync(call, CancellationToken.None).GetAwaiter().GetResult().StandardOutput.Span))
            : Execute(call);
    }

    protected static string With(string config, string key, string value)
    {
        var json = JsonNode.Parse(config)!.AsObject();
        json[key] = JsonNode.Parse(value);
        return json.ToJsonString();
    }

    /// <summary>Runs a shell command in a namespace; it must succeed.</summary>
    protected static string Shell(NetworkNamespace space, string command)
    {
        var (status, output, errors) = space.Inside(() => Start("bash", ["-c", command], "", new Dictionary<string, string>()));
        Assert.True(status == 0, $"{command}\n{output}{errors}");
        return output;
    }

    /// <summary>Links, addresses, routes and rules of a namespace.</summary>
    protected static string State(NetworkNamespace space) => Normal(Shell(space,
        "ip -o link | grep -v ' lo:'; bridge -o -d link; bridge vlan; ip -o address | grep -v ' lo '; ip route; ip -6 route | grep -v fe80; ip rule; nft list tables"));

    /// <summary>Text with what the kernel made up taken out.</summary>
    protected static string Normal(string text)
    {
        text = Regex.Replace(text, @"veth[0-9a-f]+", "vethN");
        text = Regex.Replace(text, @"([0-9a-f]{2}:){5}[0-9a-f]{2}", "MAC");
        text = Regex.Replace(text, @"\bfe80::\S+", "LINKLOCAL");
        text = Regex.Replace(text, @"(?m)^\d+: ", "");
        text = Regex.Replace(text, @"@(if\d+|\w+)|link-netns\S* \S+", "");
        text = Regex.Replace(text, @",LOWER_UP|NO-CARRIER,| nodad| qlen \d+", "");
        text = Regex.Replace(text, @"\b(tentative|dadfailed|linkdown|state (UP|DOWN|UNKNOWN|LOWERLAYERDOWN)|state (forwarding|disabled|listening|learning|blocking))\b", "");
        text = Regex.Replace(text, @"[ \t]+", " ");
        return Regex.Replace(text, @" ?\\ ?| (?=\n)", " ");
    }

    private string Execute(PluginCall call)
    {
        var (status, output, errors) = Host.Inside(() => Start($"{ReferenceFolder}/{call.Plugin}", [], Encoding.UTF8.GetString(call.Config.Span), new Dictionary<string, string>
        {
            ["CNI_COMMAND"] = call.Command.ToString().ToUpperInvariant(),
            ["CNI_CONTAINERID"] = call.ContainerId,
            ["CNI_NETNS"] = call.NetNs,
            ["CNI_IFNAME"] = call.IfName,
            ["CNI_ARGS"] = call.Args,
            ["CNI_PATH"] = ReferenceFolder,
        }));
        Assert.True(status == 0, $"reference {call.Plugin} {call.Command}: {output}{errors}");
        return output;
    }

    private static (int Status, string Output, string Errors) Start(string program, string[] arguments, string input, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
