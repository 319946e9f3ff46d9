namespace Fuzz;

/// <summary>The process that reads inputs: an instrumented copy of this program.</summary>
internal static class Inside
{
    public static int Run(FuzzArguments arguments, string benchFile)
    {
        using var bench = Bench.At(benchFile);
        var plan = new Plan(Path.Combine(arguments.Home, "Corpus"), Path.GetFullPath("../../artifacts/fuzz", arguments.Home), arguments.Grows);
        var chosen = arguments.Chosen();
        for (var index = arguments.From; index < chosen.Count; index++)
            Console.WriteLine(new Session(chosen[index], index, bench, arguments.Seed, plan).Run(arguments.Each));
        return 0;
    }
}
