using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EndToEnd.Soak;

/// <summary>How long, by which seed, and where it is written down: SOAK_MINUTES, SOAK_SEED, SOAK_LOG.</summary>
internal static class SoakPlan
{
    public static string Seed { get; } = Environment.GetEnvironmentVariable("SOAK_SEED") is { Length: > 0 } seed ? seed : "cnid";

    public static TimeSpan Time { get; } = TimeSpan.FromMinutes(
        Environment.GetEnvironmentVariable("SOAK_MINUTES") is { Length: > 0 } minutes
            ? double.Parse(minutes, CultureInfo.InvariantCulture) : 10);

    /// <summary>Writes a line to the file that SOAK_LOG names.</summary>
    public static void Log(FormattableString line)
    {
        if (Environment.GetEnvironmentVariable("SOAK_LOG") is { Length: > 0 } file)
            File.AppendAllText(file, $"{Seed}\t{Time.TotalMinutes.ToString(CultureInfo.InvariantCulture)} min\t"
                + line.ToString(CultureInfo.InvariantCulture) + "\n");
    }

    /// <summary>What somebody does next is chosen by the seed; when it happens beside what others do is not.</summary>
    public static Random Random(string who) =>
        new(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed} {who}"))));

    public static T OneOf<T>(this Random random, params IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
