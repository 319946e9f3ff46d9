using CniCore.Linux;
using CniCore.Linux.Processes;
using DockerDriver.Errors;

namespace DockerDriver.OciRuntime;

/// <summary>
/// <c>cnid runtime</c>: an OCI runtime that executes runc. For a container of <c>--network none</c> whose labels request networks, it first
/// adds a hook that attaches the container before its process starts (docs/runtime-guarantee.md). It runs before the rest of the program is
/// initialized, since a container waits for it.
/// </summary>
internal static class RuntimeProgram
{
    public const string Verb = "runtime";

    private const string RuncOption = "--runc=";
    private static readonly TimeSpan HookMargin = TimeSpan.FromSeconds(5);

    public static bool IsCalled(string[] arguments) => arguments is [Verb, ..];

    /// <summary>
    /// Executes the runtime in this process; returns, with an exit status, only if that fails or the container must not start.
    /// </summary>
    public static int Run(string[] arguments)
    {
        arguments = arguments[1..];
        var runtime = RuntimeBinary.Default;
        if (arguments is [var first, ..] && first.StartsWith(RuncOption, StringComparison.Ordinal))
            (runtime, arguments) = (first[RuncOption.Length..], arguments[1..]);
        var called = RuntimeArguments.Parse(arguments);
        try
        {
            if (called.CreatesContainer)
                Prepare(called);
            var path = RuntimeBinary.Find(runtime, Environment.GetEnvironmentVariable("PATH") ?? "");
            ProcessImage.Replace(path, [path, .. arguments]);
            return 1;
        }
        catch (Exception fault)
            when (fault is OciRuntimeException or SettingsException or LinuxException or IOException or UnauthorizedAccessException)
        {
            return RuntimeErrors.Report(called, fault.Message);
        }
    }

    private static void Prepare(RuntimeArguments called)
    {
        var bundle = Bundle.Open(called.Bundle);
        if (!bundle.HasNewNetworkNamespace || ContainerOnDisk.Find(bundle, called.Id) is not { IsOnNone: true } container)
            return;
        if (RequestedNetworks.Of(container, called.Id) is not { } requested)
            return;
        var timeout = requested.Settings.CallTimeout + HookMargin;
        bundle.AddCreateRuntimeHook(
            Environment.ProcessPath!,
            AttachHook.Arguments(requested.Settings.AdminSocket, timeout, container.Folder, requested.Settings.StartsFolder,
                requested.Ignored),
            timeout + HookMargin);
    }
}
