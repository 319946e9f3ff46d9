namespace CniCore.Spec;

/// <summary>Several steps of a teardown failed. Every step was tried.</summary>
public sealed class CniTeardownException(IReadOnlyList<Exception> faults)
    : CniException(string.Join("; ", faults.Select(fault => fault.Message)), faults[0])
{
    /// <summary>The failures, in the order of the steps.</summary>
    public IReadOnlyList<Exception> Faults { get; } = faults;
}
