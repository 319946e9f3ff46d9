namespace Conformance;

/// <summary>All checks in the order of their run: each may use what earlier ones found.</summary>
internal static class Checks
{
    public static IEnumerable<Check> All { get; } = [.. CallChecks.All, .. AddChecks.All, .. LifecycleChecks.All, .. NetworkChecks.All];
}
