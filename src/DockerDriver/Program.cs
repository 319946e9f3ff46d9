using CniCore.Plugins.Skel;
using CniCore.Linux.Processes;
using DockerDriver.Cli;
using DockerDriver.Logging;
using DockerDriver.OciRuntime;

var name = Environment.GetCommandLineArgs()[0];
if (RuntimeProgram.IsCalled(args))
    return RuntimeProgram.Run(args);
if (AttachHook.IsCalled(args))
    return AttachHook.Run(args, Console.OpenStandardInput());
PlainWriter.Take();
FileModes.CloseToOthers(); // not before runc: a container's umask is the engine's
if (PluginProgram.IsCalledAsPlugin(name, args.Length))
    return PluginProgram.Run(name, Console.OpenStandardInput, Console.OpenStandardOutput(), Console.Error);

var parsed = CommandLine.Root().Parse(args);
if (parsed.Errors.Count > 0 && args.Length > 0)
    return ExitStatus.OfWrongUsage(parsed);
var status = await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
return args.Length > 0 ? status : ExitStatus.WrongUsage;
