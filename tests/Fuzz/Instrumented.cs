using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using SharpFuzz;

namespace Fuzz;

/// <summary>
/// A copy of this program whose product assemblies count: SharpFuzz puts a counter at each branch, which guides the search, and this class
/// one at each line, which tells what the inputs reach.
/// </summary>
internal static class Instrumented
{
    public const int MaximalLines = 1 << 17;
    private const string LinesFile = "lines.tsv";
    private static readonly string[] Product = ["CniCore.Linux", "CniCore", "CniCore.Firewall", "CniCore.Plugins", "cnid"];

    /// <summary>Makes it in a folder.</summary>
    public static void Make(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        using var lines = new StreamWriter(Path.Combine(folder, LinesFile));
        var count = 0;
        foreach (var name in Product)
        {
            var path = Path.Combine(folder, name + ".dll");
            CountLines(path, folder, lines, ref count);
            foreach (var _ in Fuzzer.Instrument(path, _ => true, Options.Value))
            {
                // It works as it is enumerated.
            }
        }
    }

    /// <summary>The lines by their numbers in <see cref="CodeMap.Lines"/>: the file below <c>src</c>, and the method.</summary>
    public static (string File, string Method)[] Lines() => [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, LinesFile))
        .Select(line => line.Split('\t')).Select(fields => (fields[0], fields[2]))];

    // The method in the source: of an asynchronous one or an iterator, and of a lambda, the compiler's names have it in brackets.
    private static string NameOf(MethodDefinition method)
    {
        foreach (var name in new[] { method.Name, method.DeclaringType.Name })
        {
            if (name.IndexOf('<') is var start and >= 0 && name.IndexOf('>', start) is var end && end > start + 1)
                return name[(start + 1)..end];
        }
        return method.Name;
    }

    private static void CountLines(string path, string folder, StreamWriter lines, ref int count)
    {
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(folder);
        var known = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!.ToString()!.Split(':');
        foreach (var directory in known.Select(Path.GetDirectoryName).Distinct())
            resolver.AddSearchDirectory(directory);
        using var assembly = AssemblyDefinition.ReadAssembly(
            path, new ReaderParameters { InMemory = true, ReadSymbols = true, AssemblyResolver = resolver });
        var hit = assembly.MainModule.ImportReference(typeof(CodeMap).GetMethod(nameof(CodeMap.Hit)));
        var numbers = new Dictionary<(string, int), int>();
        foreach (var method in assembly.MainModule.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody))
        {
            var points = method.DebugInformation.SequencePoints
                .Where(point => !point.IsHidden && point.Document.Url.Contains("/src/", StringComparison.Ordinal)
                    && !point.Document.Url.Contains("/obj/", StringComparison.Ordinal)).ToDictionary(point => point.Offset);
            if (points.Count == 0)
                continue;
            method.Body.SimplifyMacros();
            var processor = method.Body.GetILProcessor();
            foreach (var instruction in method.Body.Instructions.ToList())
            {
                if (!points.TryGetValue(instruction.Offset, out var point))
                    continue;
                var line = (point.Document.Url[(point.Document.Url.LastIndexOf("/src/", StringComparison.Ordinal) + 5)..], point.StartLine);
                if (!numbers.TryGetValue(line, out var number))
                {
                    numbers[line] = number = count++;
                    lines.WriteLine($"{line.Item1}\t{line.StartLine}\t{NameOf(method)}");
                }
                // The instruction itself stays the target of jumps, and its work moves behind the counter.
                var work = Instruction.Create(OpCodes.Nop);
                (work.OpCode, work.Operand) = (instruction.OpCode, instruction.Operand);
                (instruction.OpCode, instruction.Operand) = (OpCodes.Ldc_I4, number);
                processor.InsertAfter(instruction, work);
                processor.InsertAfter(instruction, processor.Create(OpCodes.Call, hit));
            }
            method.Body.OptimizeMacros();
        }
        assembly.Write(path);
        File.Delete(Path.ChangeExtension(path, ".pdb"));
    }
}
