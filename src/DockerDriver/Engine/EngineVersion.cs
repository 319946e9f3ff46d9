using System.Globalization;
using DockerDriver.Protocol;

namespace DockerDriver.Engine;

/// <summary>
/// The engine's version, as it was last told on cnid's own time; unknown until then. Options that an engine takes and does not heed are
/// reported by it.
/// </summary>
internal sealed class EngineVersion
{
    // libnetwork heeds them for the endpoints of remote drivers, from these versions on.
    private static readonly Dictionary<string, Version> Since = new(StringComparer.Ordinal)
    {
        [NetLabel.Ifname] = new(29, 8),
    };

    private volatile string text = "";

    /// <summary>It is <c>29.7.2</c>, <c>20.10.24+dfsg1</c>.</summary>
    public void Note(string told) => text = told;

    /// <summary>Which of an endpoint's options have no effect on this engine, or may have none; null where all have.</summary>
    public string? WhyUnheard(IEnumerable<string> options)
    {
        var version = Parse(text);
        var unheard = options.Where(Since.ContainsKey).Where(option => version is null || version < Since[option])
            .Order(StringComparer.Ordinal).ToList();
        if (unheard.Count == 0)
            return null;
        var since = string.Join(", ", unheard.Select(option => $"{option} from Docker {Since[option]} on"));
        return version is null ? $"has an effect only on newer engines: {since}" : $"without effect on this engine, {text}: {since}";
    }

    /// <summary>The numbers that a version begins with, three at most; null where those are not two.</summary>
    /// <param name="text">Such as <c>29.7.2</c>, <c>20.10.24+dfsg1</c>, <c>29.8.0-rc.1</c>.</param>
    public static Version? Parse(string text)
    {
        var numbers = text.Split('.', '-', '+')
            .TakeWhile(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Take(3);
        return Version.TryParse(string.Join('.', numbers), out var version) ? version : null;
    }
}
