using System.Globalization;

namespace EndToEnd.Faults;

/// <summary>What was tried, a line a point, in the file FAULT_LOG names: a sweep that is broken off goes on where it was.</summary>
internal static class FaultLog
{
    private static readonly string? File = Environment.GetEnvironmentVariable("FAULT_LOG") is { Length: > 0 } file ? file : null;

    private static readonly HashSet<string> Known = File is not null && System.IO.File.Exists(File)
        ? [.. System.IO.File.ReadLines(File).Select(line => line.Split('\t')).Where(words => words is [_, _, "held", ..])
            .Select(words => $"{words[0]}\t{words[1]}")]
        : [];

    /// <summary>Whether the point held in an earlier run.</summary>
    public static bool Has(FaultPath path, FaultPoint point) => Known.Contains(Key(path, point));

    public static void Write(FaultPath path, FaultPoint point, string outcome, TimeSpan settled)
    {
        if (File is not null)
            System.IO.File.AppendAllText(File, string.Create(
                CultureInfo.InvariantCulture, $"{Key(path, point)}\t{outcome}\t{point.About}\t{settled.TotalSeconds:0.0} s\n"));
    }

    private static string Key(FaultPath path, FaultPoint point) => $"{path}\t{point.Key}";
}
