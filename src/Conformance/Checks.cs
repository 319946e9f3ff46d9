namespace Conformance;

/// <summary>All checks, in the order they are run in: each may rely on what those before it found out.</summary>
internal static class Checks
{
    public static IEnumerable<Check> All { get; } = [.. CallChecks.All, .. AddChecks.All, .. LifeChecks.All, .. NetworkChecks.All];
}
