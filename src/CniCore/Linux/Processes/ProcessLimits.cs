namespace CniCore.Linux.Processes;

/// <summary>How long a child may run, how long it has between TERM and KILL, and how many bytes it may write.</summary>
internal sealed record ProcessLimits(TimeSpan Deadline, TimeSpan Grace, int Output, int Errors);
