using System.Globalization;

namespace Fuzz;

/// <summary>The command line: <c>[--minutes N] [--seed WORD] [--grow] [--report PAGE] [TARGET]</c>.</summary>
/// <param name="Minutes">For all targets together.</param>
/// <param name="Seed">Chooses the inputs.</param>
/// <param name="Filter">A part of the targets' names; empty for all.</param>
internal sealed record FuzzArguments(double Minutes, string Seed, string Filter)
{
    /// <summary>Whether inputs that reach new lines join the corpus.</summary>
    public bool Grows { get; private init; }

    /// <summary>The page whose section "fuzz" is written of the results; null for none.</summary>
    public string? Page { get; private init; }

    /// <summary>For the process that reads inputs: the file that it shares with the one that watches it.</summary>
    public string? Inside { get; private init; }

    /// <summary>For that process: the first target, by index. Those before are done.</summary>
    public int From { get; private init; }

    /// <summary>The folder of this project's source.</summary>
    public string Home { get; private init; } = "";

    /// <summary>Null, and a message, for wrong usage.</summary>
    public static FuzzArguments? Read(string[] args)
    {
        var read = new FuzzArguments(60, "1", "") { Home = Here() };
        for (var at = 0; at < args.Length; at++)
        {
            var value = at + 1 < args.Length ? args[at + 1] : "";
            switch (args[at])
            {
                case "--grow": read = read with { Grows = true }; continue;
                case "--minutes" when Number(value) is > 0 and var minutes: read = read with { Minutes = minutes }; break;
                case "--seed" when value.Length > 0: read = read with { Seed = value }; break;
                case "--report" when value.Length > 0: read = read with { Page = value }; break;
                case "--inside" when value.Length > 0: read = read with { Inside = value }; break;
                case "--from" when int.TryParse(value, out var from): read = read with { From = from }; break;
                case ['-', ..]:
                    Console.Error.WriteLine("usage: [--minutes N] [--seed WORD] [--grow] [--report PAGE] [TARGET]");
                    return null;
                default: read = read with { Filter = args[at] }; continue;
            }
            at++;
        }
        if (read.Chosen().Count > 0)
            return read;
        Console.Error.WriteLine($"no target has {read.Filter} in its name; there are "
            + string.Join(", ", Targets.All.Targets.Select(target => target.Name)));
        return null;
    }

    /// <summary>The time for each target.</summary>
    public TimeSpan Each => TimeSpan.FromMinutes(Minutes / Chosen().Count);

    public IReadOnlyList<Target> Chosen() =>
        [.. Targets.All.Targets.Where(target => target.Name.Contains(Filter, StringComparison.Ordinal))];

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Here([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
