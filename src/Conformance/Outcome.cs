namespace Conformance;

/// <summary>The outcome of a check. <see cref="Passed"/> is null where it does not apply.</summary>
internal sealed record Outcome(bool? Passed, string Seen)
{
    public static Outcome Pass(string seen = "") => new(true, seen);

    public static Outcome Fail(string seen) => new(false, seen);

    public static Outcome Skip(string why) => new(null, why);

    /// <summary>Passes if there are no faults.</summary>
    public static Outcome Of(IReadOnlyCollection<string> wrong, string seen = "") =>
        wrong.Count == 0 ? Pass(seen) : Fail(string.Join("; ", wrong));
}
