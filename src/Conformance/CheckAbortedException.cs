namespace Conformance;

/// <summary>A check cannot go on: something it builds upon did not work.</summary>
internal sealed class CheckAbortedException(string message) : Exception(message);
