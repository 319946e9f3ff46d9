using DockerDriver.Cli;

return await CommandLine.Root().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
