namespace DockerDriver.Firewall;

/// <summary>
/// How often rules of ours were found missing, by their place. What somebody removes three times in a minute is his decision, or another
/// program's that would do it for ever: it is left alone and reported, and tried again later, ever more rarely.
/// </summary>
internal sealed class RemovedRules(TimeProvider clock)
{
    private const int Limit = 3;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(10);
    private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);

    /// <summary>The places that are left alone at present.</summary>
    public IReadOnlyList<string> LeftAlone
    {
        get
        {
            lock (places)
                return [.. places.Where(one => one.Value.Until > clock.GetUtcNow()).Select(one => one.Key).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Notes that rules of this place are missing.</summary>
    /// <returns>Whether they may be written again, and whether this is the time after which they no longer may.</returns>
    public (bool MayWrite, bool IsReached) Note(string name)
    {
        lock (places)
        {
            var now = clock.GetUtcNow();
            if (!places.TryGetValue(name, out var place))
                places[name] = place = new();
            if (place.Until > now)
                return (false, false);
            if (place.Until is { } ended && now - ended > LongestRest)
                place.Rest = Window;
            place.Times.RemoveAll(time => now - time > Window);
            place.Times.Add(now);
            if (place.Times.Count < Limit)
                return (true, false);
            place.Times.Clear();
            place.Until = now + place.Rest;
            place.Rest = place.Rest * 2 < LongestRest ? place.Rest * 2 : LongestRest;
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
