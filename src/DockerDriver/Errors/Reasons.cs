namespace DockerDriver.Errors;

/// <summary>What is told of an attempt that failed and could not be undone: both reasons, that of the attempt first.</summary>
internal static class FailureReasons
{
    /// <param name="attempt">Why it failed.</param>
    /// <param name="undo">Why undoing it failed; it may be part of the former already.</param>
    public static string Of(string attempt, string undo) =>
        attempt.Contains(undo, StringComparison.Ordinal) ? attempt : $"{attempt}; undoing it failed as well: {undo}";
}
