using System.Diagnostics;
using System.Security.Cryptography;

namespace Fuzz;

/// <summary>
/// The search for one target: all of the corpus first, then changed inputs. One that takes a new branch is changed further.
/// </summary>
internal sealed class Session(Target target, int index, Bench bench, string seed, Plan plan)
{
    // Of an input of some kilobytes that is read in a millisecond, on a machine that does other things.
    private static readonly TimeSpan SlowFrom = TimeSpan.FromSeconds(5);
    private const long MemoryOfByte = 2000;
    private const int MaximalSeed = 2048;

    private readonly List<byte[]> inputs = [];
    private readonly HashSet<string> faults = new(StringComparer.Ordinal);
    private readonly int[] lines = [.. Instrumented.Lines().Index()
        .Where(line => target.HasLine(line.Item.File, line.Item.Method)).Select(line => line.Index)];
    private long tried;
    private int linesBefore;

    /// <summary>Runs for the time of the plan, and reports.</summary>
    public TargetReport Run(TimeSpan limit)
    {
        var random = new Random(BitConverter.ToInt32(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{seed} {target.Name}"))));
        var corpus = plan.Corpus(target);
        CodeMap.Forget();
        Array.Clear(CodeMap.Lines);
        var began = Stopwatch.GetTimestamp();
        foreach (var input in corpus)
            Try(input, keep: true);
        if (inputs.Count == 0)
            inputs.Add([]);
        var mutator = new Mutator(target.Form, random, [.. corpus]);
        linesBefore = Covered();
        while (Stopwatch.GetElapsedTime(began) < limit)
        {
            // The newest are the least explored.
            var from = random.Next(3) == 0 ? inputs.Count - 1 - random.Next(Math.Min(inputs.Count, 16)) : random.Next(inputs.Count);
            var input = mutator.Change(inputs[from], () => inputs[random.Next(inputs.Count)]);
            if (Try(input, keep: false) && plan.Grows && input.Length <= MaximalSeed && Covered() is var covered && covered > linesBefore)
            {
                linesBefore = covered;
                plan.Add(target, input);
            }
        }
        return new(target.Name, tried, inputs.Count, CodeMap.Branches, lines.Length, Covered(), faults.Count);
    }

    private bool Try(byte[] input, bool keep)
    {
        tried++;
        bench.Begin(index, input);
        CodeMap.Begin();
        var (memory, began) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        try
        {
            target.Run(input);
        }
        catch (Exception fault) when (target.IsRefusal(fault))
        {
            // as it should
        }
        catch (Exception fault)
        {
            Report(Place(fault), fault.ToString(), input);
        }
        var used = GC.GetTotalAllocatedBytes() - memory;
        if (used > target.Memory + (input.Length * MemoryOfByte))
            Report("memory", $"{used} bytes were allocated for {input.Length}", input);
        if (Stopwatch.GetElapsedTime(began) is var time && time > SlowFrom)
            Report("time", $"it took {time.TotalSeconds:f1} s", input);
        var isNew = CodeMap.IsNew();
        if (isNew || keep)
            inputs.Add(input);
        return isNew;
    }

    private void Report(string place, string text, byte[] input)
    {
        if (faults.Add(place))
            plan.Found(target, input, $"{place}\n{text}");
    }

    // The kind of the exception, and the first line of the product's that it passed: one report for each.
    private static string Place(Exception fault) => fault.GetType().Name + (fault.StackTrace ?? "").Split('\n')
        .Select(line => line.Trim()).FirstOrDefault(line => line.Contains("CniCore.", StringComparison.Ordinal)
            || line.Contains("DockerDriver.", StringComparison.Ordinal), " outside of the product");

    private int Covered() => lines.Count(line => CodeMap.Lines[line]);
}
