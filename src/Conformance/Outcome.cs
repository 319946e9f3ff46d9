namespace Conformance;

/// <summary>What a check saw. <see cref="Kept"/> is null where it had nothing to see.</summary>
internal sealed record Outcome(bool? Kept, string Seen)
{
    public static Outcome Good(string seen = "") => new(true, seen);

    public static Outcome Bad(string seen) => new(false, seen);

    public static Outcome None(string why) => new(null, why);

    /// <summary>Good if nothing is wrong.</summary>
    public static Outcome Of(IReadOnlyCollection<string> wrong, string seen = "") =>
        wrong.Count == 0 ? Good(seen) : Bad(string.Join("; ", wrong));
}
