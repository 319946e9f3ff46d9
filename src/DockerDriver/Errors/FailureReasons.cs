namespace DockerDriver.Errors;

/// <summary>The message of an operation that failed and could not be undone: both reasons, the operation's first.</summary>
internal static class FailureReasons
{
    /// <param name="attempt">Why it failed.</param>
    /// <param name="undo">Why undoing it failed; the former may already include it.</param>
    public static string Of(string attempt, string undo) =>
        attempt.Contains(undo, StringComparison.Ordinal) ? attempt : $"{attempt}; undoing it failed as well: {undo}";
}
