using CniCore.Linux;
using CniCore.Linux.Processes;
using DockerDriver.Errors;

namespace DockerDriver.OciRuntime;

/// <summary>
/// <c>cnid runtime</c>: an OCI runtime that is runc in all but one thing: a container of <c>--network none</c> whose labels ask for
/// networks is created with a hook that fetches them before its process starts (docs/runtime-guarantee.md). Dispatched before anything
/// else of the program is put together: a container waits for it.
/// </summary>
internal static class RuntimeProgram
{
    public const string Verb = "runtime";

    private const string RuncOption = "--runc=";
    private static readonly TimeSpan HooksMargin = TimeSpan.FromSeconds(5);

    public static bool IsCalled(string[] arguments) => arguments is [Verb, ..];

    /// <summary>Becomes the runtime; answers, with an exit status, only when that fails or the container is not to start.</summary>
    public static int Run(string[] arguments)
    {
        arguments = arguments[1..];
        var runtime = RuntimeBinary.Default;
        if (arguments is [var first, ..] && first.StartsWith(RuncOption, StringComparison.Ordinal))
            (runtime, arguments) = (first[RuncOption.Length..], arguments[1..]);
        var called = RuntimeArguments.Parse(arguments);
        try
        {
            if (called.MakesContainer)
                Prepare(called);
            var path = RuntimeBinary.Find(runtime, Environment.GetEnvironmentVariable("PATH") ?? "");
            ProcessImage.Replace(path, [path, .. arguments]);
            return 1;
        }
        catch (Exception fault)
            when (fault is OciRuntimeException or SettingsException or LinuxException or IOException or UnauthorizedAccessException)
        {
            return RuntimeErrors.Say(called, fault.Message);
        }
    }

    private static void Prepare(RuntimeArguments called)
    {
        var bundle = Bundle.Open(called.Bundle);
        if (!bundle.HasNewNetworkNamespace || ContainerOnDisk.Find(bundle, called.Id) is not { IsOnNone: true } container)
            return;
        if (RequestedNetworks.By(container, called.Id) is not { } asked)
            return;
        var patience = asked.Settings.CallTimeout + HooksMargin;
        bundle.AddCreateRuntimeHook(
            Environment.ProcessPath!,
            AttachHook.Arguments(asked.Settings.AdminSocket, patience, container.Folder, asked.Settings.StartsFolder, asked.Ignored),
            patience + HooksMargin);
    }
}
