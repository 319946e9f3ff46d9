namespace CniCore.Linux.Processes;

/// <summary>How a child ended, and its output, truncated to the limits.</summary>
/// <param name="Status">The exit status; null if a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0 for none.</param>
/// <param name="End">Why it ended.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
public sealed record ProcessExit(int? Status, int Signal, ProcessEnd End, byte[] Output, byte[] Errors);
