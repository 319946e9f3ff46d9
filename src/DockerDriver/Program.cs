using DockerDriver.Cli;

var parsed = CommandLine.Root().Parse(args);
var status = await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
return parsed.Errors.Count > 0 ? ExitStatus.WrongUsage : status;
