namespace Conformance;

/// <summary>A check cannot continue: a precondition failed.</summary>
internal sealed class CheckAbortedException(string message) : Exception(message);
