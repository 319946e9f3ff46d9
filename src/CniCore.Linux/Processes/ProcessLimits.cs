namespace CniCore.Linux.Processes;

/// <summary>What a child may take.</summary>
/// <param name="Deadline">How long it may run.</param>
/// <param name="Grace">How long it has between TERM and KILL.</param>
/// <param name="Output">Bytes of standard output; more, and it is stopped.</param>
/// <param name="Errors">Bytes of standard error that are kept.</param>
public sealed record ProcessLimits(TimeSpan Deadline, TimeSpan Grace, int Output, int Errors);
