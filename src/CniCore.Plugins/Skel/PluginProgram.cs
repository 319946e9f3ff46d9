using System.Text.Json;
using CniCore.Invoke;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Files;
using CniCore.Linux.Namespaces;
using CniCore.Plugins;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;

namespace CniCore.Plugins.Skel;

/// <summary>
/// Makes a program a CNI plugin when it is called by a plugin's name: environment and standard input in, result or error object out, exit
/// status 0 or 1 (CNI spec, section 2). Rules and messages follow libcni's pkg/skel.
/// </summary>
public static class PluginProgram
{
    // 65,535 published ports, or the valid attachments of a GC, take a tenth of it.
    private const int InputLimit = 64 * 1024 * 1024;

    /// <summary>Whether this process is called as a plugin: by a plugin's name, or without arguments and with <c>CNI_COMMAND</c>.</summary>
    /// <param name="name">The name of the program, with or without a path.</param>
    /// <param name="arguments">The number of arguments; a plugin has none.</param>
    public static bool IsCalledAsPlugin(string name, int arguments) =>
        BuiltinPlugins.Has(Path.GetFileName(name)) || (arguments == 0 && PluginEnvironment.Read().Command is not null);

    /// <summary>Runs the verb of the environment.</summary>
    /// <param name="name">The name of the program, with or without a path.</param>
    /// <param name="input">Opens standard input. Not called for VERSION, which may have none.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="errors">Standard error.</param>
    /// <returns>The exit status.</returns>
    public static int Run(string name, Func<Stream> input, Stream output, TextWriter errors)
    {
        var type = PluginType.Parse(Path.GetFileName(name));
        var version = CniVersions.Newest;
        try
        {
            if (!BuiltinPlugins.Has(type.ToString()))
                throw new CniPluginException(CniErrorCode.InvalidEnvironment, $"{type} is not a plugin name: call it by a link named "
                    + $"after the plugin, one of {string.Join(", ", BuiltinPlugins.Names)}");
            var environment = PluginEnvironment.Read();
            if (environment.Command is null)
            {
                errors.WriteLine($"CNI {type} plugin of cnid\nCNI protocol versions supported: {string.Join(", ", CniVersions.All)}");
                return 0;
            }
            output.Write(Answer(type, environment, input, ref version));
            return 0;
        }
        catch (Exception fault) when (fault is CniException or IOException or UnauthorizedAccessException)
        {
            var error = fault as CniException ?? new CniPluginException(CniErrorCode.Io, fault.Message, inner: fault);
            output.Write(error.ToJson(version));
            return 1;
        }
    }

    private static ReadOnlySpan<byte> Answer(PluginType type, PluginEnvironment environment, Func<Stream> input, ref string version)
    {
        environment.ThrowIfIncomplete();
        var config = environment.Command == "VERSION" ? "{}"u8.ToArray() : ReadAll(input);
        var command = environment.Command == "VERSION" ? CniCommand.Version : Verb(environment, config, ref version);
        if (command is CniCommand.Add or CniCommand.Del && !environment.MayBeOwnNamespace && IsOwnNamespace(environment.NetNs))
            throw new CniPluginException(CniErrorCode.InvalidNetNs,
                "plugin's netns and netns from CNI_NETNS should not be the same", environment.NetNs);

        var executables = new ExecInvoker(environment.Folders, TimeProvider.System, NullLogger<ExecInvoker>.Instance);
        using var host = new HostNetwork();
        var invoker = new BuiltinInvoker(BuiltinUse.ByList, executables, new HostFirewall(host));
        var call = new PluginCall(command, type, environment.ContainerId, environment.NetNs, environment.IfName, environment.Args, config)
        {
            Builtins = BuiltinsOf(type, command, config, environment, invoker),
        };
        return invoker.InvokeAsync(call, CancellationToken.None).GetAwaiter().GetResult().StandardOutput.Span;
    }

    // The configuration is checked before the verb, as in pkg/skel.
    private static CniCommand Verb(PluginEnvironment environment, byte[] config, ref string version)
    {
        var fields = Fields(config);
        NetworkName.Parse(fields.Name ?? "");
        if (!string.IsNullOrEmpty(fields.CniVersion) && CniVersions.IsKnown(fields.CniVersion))
            version = fields.CniVersion;
        CniCommand? known = environment.Command switch
        {
            "ADD" => CniCommand.Add,
            "DEL" => CniCommand.Del,
            "CHECK" => CniCommand.Check,
            "GC" => CniCommand.Gc,
            "STATUS" => CniCommand.Status,
            _ => null,
        };
        var verb = known ?? throw new CniPluginException(CniErrorCode.InvalidEnvironment, $"unknown CNI_COMMAND: {environment.Command}");
        if (CniVersions.IsKnown(fields.CniVersion ?? "") && !CniVersions.Allows(fields.CniVersion!, verb))
            throw new CniPluginException(CniErrorCode.IncompatibleVersion, $"config version does not allow {environment.Command}");
        return verb;
    }

    // An IPAM plugin that is a link to this program runs here. Another executable is run as such; without one, the built-in runs.
    private static HashSet<string> BuiltinsOf(
        PluginType type, CniCommand command, byte[] config, PluginEnvironment environment, BuiltinInvoker invoker)
    {
        var builtins = new HashSet<string> { type.ToString() };
        if (command != CniCommand.Version && Fields(config).Ipam?.Type is { Length: > 0 } ipam
            && invoker.TakesBuiltin(PluginType.Parse(ipam), IsThisProgram(ipam, environment.Folders)))
            builtins.Add(ipam);
        return builtins;
    }

    private static bool IsThisProgram(string name, IReadOnlyList<string> folders) =>
        new PluginFolders(folders).Find(PluginType.Parse(name)) is { } path
            && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path) == Environment.ProcessPath;

    private static CallFields Fields(byte[] config)
    {
        try
        {
            return JsonSerializer.Deserialize(config, CallJson.Default.CallFields) ?? throw new JsonException("the configuration is null");
        }
        catch (JsonException fault)
        {
            throw new CniPluginException(CniErrorCode.Decoding, "error unmarshall network config", BuiltinCall.CauseOf(fault), fault);
        }
    }

    private static bool IsOwnNamespace(string path)
    {
        if (!NetworkNamespace.IsAt(path))
            return false;
        using NetworkNamespace own = NetworkNamespace.Current(), given = NetworkNamespace.Open(path);
        return own.Identity == given.Identity;
    }

    private static byte[] ReadAll(Func<Stream> open)
    {
        try
        {
            using var input = open();
            return LimitedInput.ReadAll(input, "standard input", InputLimit);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CniPluginException(CniErrorCode.Io, "error reading from stdin", fault.Message, fault);
        }
    }
}
