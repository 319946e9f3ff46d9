namespace Fuzz;

/// <summary>The process that reads inputs: an instrumented copy of this program.</summary>
internal static class Inside
{
    public static int Run(FuzzArguments arguments, string benchFile)
    {
        using var bench = Bench.At(benchFile);
        var plan = Plan.Of(arguments);
        var chosen = arguments.Chosen();
        for (var index = arguments.From; index < chosen.Count; index++)
            Console.WriteLine(new Session(chosen[index], index, bench, arguments.Seed, plan).Run(arguments.Each));
        return 0;
    }
}
