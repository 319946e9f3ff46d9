namespace DockerDriver.Conformance;

/// <summary>What a check saw. <see cref="Kept"/> is null where it had nothing to see.</summary>
internal sealed record Sight(bool? Kept, string Seen)
{
    public static Sight Good(string seen = "") => new(true, seen);

    public static Sight Bad(string seen) => new(false, seen);

    public static Sight None(string why) => new(null, why);

    /// <summary>Good if nothing is wrong.</summary>
    public static Sight Of(IReadOnlyCollection<string> wrong, string seen = "") =>
        wrong.Count == 0 ? Good(seen) : Bad(string.Join("; ", wrong));
}
