using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Fuzz;

/// <summary>
/// Starts the process that reads inputs, and watches it: an input that ends it, or at which it hangs, is written down, and another
/// process goes on with the next target.
/// </summary>
internal static class Supervisor
{
    private static readonly TimeSpan HangsFrom = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static volatile bool isTold; // to end

    private const string HeapLimit = "0x60000000";

    public static int Run(FuzzArguments arguments)
    {
        var folder = Directory.CreateTempSubdirectory("fuzz-");
        try
        {
            Instrumented.Make(folder.FullName);
            return Watch(arguments, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Watch(FuzzArguments arguments, string folder)
    {
        var chosen = arguments.Chosen();
        var plan = Plan.Of(arguments);
        var benchFile = Path.Combine(folder, "bench");
        using var bench = Bench.At(benchFile);
        var reports = new List<TargetReport>();
        for (var from = 0; from < chosen.Count;)
        {
            using var process = Start(arguments, folder, benchFile, from, reports);
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(process, signal));
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(process, signal));
            var end = Await(process, bench);
            if (end is null || isTold)
                break;
            plan.Found(chosen[bench.Target], bench.Input, end);
            reports.Add(new(chosen[bench.Target].Name, 0, 0, 0, 0, 0, 1));
            from = bench.Target + 1;
        }
        foreach (var report in reports)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"    {report.Target}: {report.Tried} inputs, {report.Kept} kept, {report.Branches} branches, "
                + $"lines {report.Covered} of {report.Lines}, {report.Faults} found"));
        if (arguments.Page is { } page)
            Page.Write(page, arguments, reports);
        var failed = reports.Where(report => report.Faults > 0).Select(report => report.Target).Distinct().Count();
        var inputs = reports.Sum(report => report.Tried);
        Console.WriteLine($"   Fuzz  Total: {chosen.Count}, Errors: 0, Failed: {failed}, Skipped: 0, inputs: {inputs}");
        return failed == 0 && !isTold ? 0 : 1;
    }

    private static void End(Process process, PosixSignalContext signal)
    {
        isTold = signal.Cancel = true; // and Run leaves nothing
        process.Kill();
    }

    private static Process Start(FuzzArguments arguments, string folder, string benchFile, int from, List<TargetReport> reports)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, "Fuzz"))
        {
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_GCHeapHardLimit"] = HeapLimit, ["DOTNET_gcServer"] = "0", ["DOTNET_gcConcurrent"] = "0" },
        };
        foreach (var argument in (string[])["--inside", benchFile, "--from", $"{from}", "--seed", arguments.Seed,
            "--minutes", arguments.Minutes.ToString(CultureInfo.InvariantCulture), .. arguments.Grows ? ["--grow"] : Array.Empty<string>(),
            .. arguments.Filter.Length > 0 ? [arguments.Filter] : Array.Empty<string>()])
            start.ArgumentList.Add(argument);
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text && TargetReport.Read(text) is { } report)
                reports.Add(report);
            else if (line.Data is { } other)
                Console.WriteLine(other);
        };
        process.Start();
        process.BeginOutputReadLine();
        return process;
    }

    // Null for a normal end.
    private static string? Await(Process process, Bench bench)
    {
        var (begun, since) = (bench.Begun, Stopwatch.GetTimestamp());
        var started = begun;
        while (!process.WaitForExit(TimeSpan.FromSeconds(1)))
        {
            if (bench.Begun != begun)
                (begun, since) = (bench.Begun, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(since) > (begun == started ? StartLimit : HangsFrom))
            {
                process.Kill();
                process.WaitForExit();
                return $"hang: no end within {HangsFrom.TotalSeconds} s";
            }
        }
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"the process ended with status {process.ExitCode}";
    }
}
