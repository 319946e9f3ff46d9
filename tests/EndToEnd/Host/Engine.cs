using System.Globalization;
using System.Text.RegularExpressions;

namespace EndToEnd.Host;

/// <summary>The engine in the lab, and all that the tests know to be different from one engine to the next. Nothing else asks for a version.</summary>
public sealed partial record Engine(int Major)
{
    /// <param name="version">What <c>dockerd --version</c> prints.</param>
    public static Engine Parse(string version)
    {
        var match = Version().Match(version);
        return new(match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0);
    }

    [GeneratedRegex(@"version (\d+)\.")]
    private static partial Regex Version();
}
