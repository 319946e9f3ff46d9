using CniCore.Linux;

namespace Conformance;

/// <summary>One thing the spec asks of a plugin.</summary>
/// <param name="Id">Its name for programs.</param>
/// <param name="Group">What it belongs to.</param>
/// <param name="Title">What is expected.</param>
/// <param name="Section">The section of the spec it rests on.</param>
/// <param name="Level">How strongly the spec says it.</param>
/// <param name="LookAsync">Tries it.</param>
internal sealed record Check(string Id, string Group, string Title, string Section, Level Level, Func<PluginTest, Task<Outcome>> LookAsync)
{
    /// <summary>Whether it needs a plugin whose ADD works.</summary>
    public bool NeedsAdd { get; init; } = true;

    public async Task<Finding> RunAsync(PluginTest test)
    {
        if (NeedsAdd && (test.CannotAdd ?? test.GivenUp) is { } why)
            return Found(Verdict.Skip, why);
        try
        {
            var sight = await LookAsync(test);
            return Found(sight.Kept switch { true => Verdict.Pass, null => Verdict.Skip, _ =>
                Level == Level.Must ? Verdict.Fail : Verdict.Gap }, sight.Seen);
        }
        catch (Exception fault) when (fault is CheckAbortedException or LinuxException or IOException or System.Text.Json.JsonException)
        {
            return Found(Level == Level.Must ? Verdict.Fail : Verdict.Gap, fault.Message);
        }
    }

    private Finding Found(Verdict verdict, string seen) => new(Id, Group, Title, Section, Level, verdict, seen);
}
