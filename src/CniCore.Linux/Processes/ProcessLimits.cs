namespace CniCore.Linux.Processes;

/// <summary>The limits of a child.</summary>
/// <param name="Deadline">The time limit.</param>
/// <param name="Grace">The time between SIGTERM and SIGKILL.</param>
/// <param name="Output">The most bytes of standard output; with more, the child is killed.</param>
/// <param name="Errors">The bytes of standard error that are kept.</param>
public sealed record ProcessLimits(TimeSpan Deadline, TimeSpan Grace, int Output, int Errors);
