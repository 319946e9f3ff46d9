using CniCore.Linux;

namespace Conformance;

/// <summary>A check of one requirement of the spec.</summary>
/// <param name="Id">Its name for programs.</param>
/// <param name="Group">The group of checks.</param>
/// <param name="Title">The expectation.</param>
/// <param name="Section">The section of the spec.</param>
/// <param name="Level">The requirement level.</param>
/// <param name="LookAsync">Runs the check.</param>
internal sealed record Check(string Id, string Group, string Title, string Section, Level Level, Func<PluginTest, Task<Outcome>> LookAsync)
{
    /// <summary>Whether it needs a plugin whose ADD works.</summary>
    public bool NeedsAdd { get; init; } = true;

    public async Task<Finding> RunAsync(PluginTest test)
    {
        if (NeedsAdd && (test.CannotAdd ?? test.AbortReason) is { } why)
            return Found(Verdict.Skip, why);
        try
        {
            var outcome = await LookAsync(test);
            return Found(outcome.Passed switch
            {
                true => Verdict.Pass,
                null => Verdict.Skip,
                _ => Level == Level.Must ? Verdict.Fail : Verdict.Gap
            }, outcome.Seen);
        }
        catch (Exception fault) when (fault is CheckAbortedException or LinuxException or IOException or System.Text.Json.JsonException)
        {
            return Found(Level == Level.Must ? Verdict.Fail : Verdict.Gap, fault.Message);
        }
    }

    private Finding Found(Verdict verdict, string seen) =>
        new(Id, Group, Title, Section, Level, verdict, seen.ReplaceLineEndings(" "));
}
