namespace EndToEnd.Faults;

/// <summary>What has come of a point.</summary>
/// <param name="Fault">What was not as it should be; null: it held.</param>
/// <param name="IsReached">Whether the call came: not in each run does the same happen in the same order.</param>
/// <param name="Settled">From the daemon's new start until all was as it should be, and from the removal of all until nothing was left.
/// </param>
/// <param name="Missing">What was last not as it should be, before all was; null: nothing was.</param>
/// <param name="Took">The whole point.</param>
internal sealed record FaultOutcome(string? Fault, bool IsReached, TimeSpan? Settled, string? Missing, TimeSpan Took);
