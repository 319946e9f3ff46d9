using System.Globalization;
using DockerDriver.Protocol;

namespace DockerDriver.Engine;

/// <summary>The engine's last known version; unknown until the first answer. Reports options that the engine accepts but ignores.</summary>
internal sealed class EngineVersion
{
    // The versions from which libnetwork applies them to endpoints of remote drivers.
    private static readonly Dictionary<string, Version> Since = new(StringComparer.Ordinal)
    {
        [NetLabel.Ifname] = new(29, 8),
    };

    private volatile string text = "";

    /// <summary>Sets the version, such as <c>29.7.2</c> or <c>20.10.24+dfsg1</c>.</summary>
    public void Set(string version) => text = version;

    /// <summary>Which of an endpoint's options this engine ignores or may ignore; null for none.</summary>
    public string? IgnoredOptions(IEnumerable<string> options)
    {
        var version = Parse(text);
        var ignored = options.Where(Since.ContainsKey).Where(option => version is null || version < Since[option])
            .Order(StringComparer.Ordinal).ToList();
        if (ignored.Count == 0)
            return null;
        var since = string.Join(", ", ignored.Select(option => $"{option} from Docker {Since[option]} on"));
        return version is null ? $"effective on newer engines only: {since}" : $"ignored by this engine, {text}: {since}";
    }

    /// <summary>The first numbers of a version, three at most; null where there are fewer than two.</summary>
    /// <param name="text">Such as <c>29.7.2</c>, <c>20.10.24+dfsg1</c>, <c>29.8.0-rc.1</c>.</param>
    public static Version? Parse(string text)
    {
        var numbers = text.Split('.', '-', '+')
            .TakeWhile(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Take(3);
        return Version.TryParse(string.Join('.', numbers), out var version) ? version : null;
    }
}
