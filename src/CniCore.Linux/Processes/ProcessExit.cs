namespace CniCore.Linux.Processes;

/// <summary>How a child ended, and what it wrote. The streams are cut at their limits.</summary>
/// <param name="Status">Exit status; null where a signal ended it.</param>
/// <param name="Signal">The signal that ended it; 0 for none.</param>
/// <param name="End">Why we stopped waiting.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
public sealed record ProcessExit(int? Status, int Signal, ProcessEnd End, byte[] Output, byte[] Errors);
