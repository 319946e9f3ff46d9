namespace DockerDriver.Firewall;

/// <summary>
/// Counts how often rules were missing, per place. Rules that are removed three times in a minute were removed on purpose, or by a program
/// that would continue: they are left alone and reported, and restored later with growing pauses.
/// </summary>
internal sealed class RemovedRules(TimeProvider clock)
{
    private const int Limit = 3;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxRest = TimeSpan.FromMinutes(10);
    private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);

    /// <summary>The places where rules are not restored at present.</summary>
    public IReadOnlyList<string> Suspended
    {
        get
        {
            lock (places)
                return [.. places.Where(place => place.Value.Until > clock.GetUtcNow()).Select(place => place.Key)
                    .Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Records that rules of a place are missing.</summary>
    /// <returns>Whether they may be written again, and whether the limit has just been reached.</returns>
    public (bool MayWrite, bool IsReached) RecordMissing(string name)
    {
        lock (places)
        {
            var now = clock.GetUtcNow();
            if (!places.TryGetValue(name, out var place))
                places[name] = place = new();
            if (place.Until > now)
                return (false, false);
            if (place.Until is { } ended && now - ended > MaxRest)
                place.Rest = Window;
            place.Times.RemoveAll(time => now - time > Window);
            place.Times.Add(now);
            if (place.Times.Count < Limit)
                return (true, false);
            place.Times.Clear();
            place.Until = now + place.Rest;
            place.Rest = place.Rest * 2 < MaxRest ? place.Rest * 2 : MaxRest;
            return (false, true);
        }
    }

    private sealed class Place
    {
        public List<DateTimeOffset> Times { get; } = [];

        public DateTimeOffset? Until { get; set; }

        public TimeSpan Rest { get; set; } = Window;
    }
}
