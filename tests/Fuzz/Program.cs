using Fuzz;

CodeMap.Begin(); // before any code of the product runs, which may be instrumented
return FuzzArguments.Read(args) is not { } arguments
    ? 2
    : arguments.Inside is { } bench
        ? Inside.Run(arguments, bench)
        : Supervisor.Run(arguments);
