using CniCore.Cache;
using CniCore.Spec;

namespace CniCore.Tests.Runtime;

/// <summary>The runtime's process is killed while a plugin of ADD runs: what its DEL, by another process, asks of which plugin.</summary>
public sealed class CniRuntimeKillTests : CniRuntimeTest
{
    private byte[] asKilled = [];

    private string Books => Assert.Single(Directory.GetFiles(Path.Combine(folder, "cache")));

    [Theory]
    [InlineData("a", "", "Del a: ")]
    [InlineData("b", "", "Del b: a, Del a: a")]
    [InlineData("c", "", "Del c: b, Del b: b, Del a: b")]
    [InlineData("d", "", "Del d: c, Del c: c, Del b: c, Del a: c")]
    // A built-in before an executable, or after one.
    [InlineData("b", "a", "Del b: a, Del a: a")]
    [InlineData("d", "d", "Del d: c, Del c: c, Del b: c, Del a: c")]
    // Two built-ins, one after the other: the second leaves no word of its own.
    [InlineData("b", "a b", "Del b: , Del a: ")]
    [InlineData("c", "b c", "Del c: a, Del b: a, Del a: a")]
    public async Task Add_Killed_DelIsGivenTheResultSoFar_AndLeavesOutWhatHasNotBegun(string killed, string builtins, string wanted)
    {
        plugins.Builtins = builtins.Split(' ');
        await AddKilledInAsync(killed);

        await Runtime().DeleteAsync(List("a"), Request, CancellationToken.None);

        Assert.Equal(wanted, string.Join(", ", plugins.Calls.Select(call => $"{call.Command} {call.Plugin}: {ResultIn(call.Config)}")));
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task Add_AfterOneThatWasKilled_DeletesWithTheResultSoFar()
    {
        await AddKilledInAsync("c");

        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);

        Assert.Equal(["Del c", "Del b", "Del a", "Add a"], plugins.Verbs);
        Assert.All(plugins.Calls.Take(3), call => Assert.Equal("b", ResultIn(call.Config)));
        var added = Assert.Single(Runtime().Attachments());
        Assert.Equal((AttachmentPhase.Added, null), (added.Phase, added.Done));
    }

    [Fact]
    public async Task Add_OfBuiltInsAlone_IsWrittenTwice()
    {
        plugins.Builtins = ["a", "b", "c", "d"];
        HashSet<string> written = [];
        var answer = plugins.Answer;
        plugins.Answer = call =>
        {
            written.Add($"{new FileInfo(Books).LastWriteTimeUtc.Ticks} {File.ReadAllText(Books)}");
            return answer(call);
        };
        await Runtime().AddAsync(List("a", "b", "c", "d"), Request, CancellationToken.None);

        Assert.Single(written);
        Assert.Equal(AttachmentPhase.Added, Assert.Single(Runtime().Attachments()).Phase);
    }

    // What was on disk at that moment is put back afterwards.
    private async Task AddKilledInAsync(string plugin)
    {
        plugins.Answer = call =>
        {
            if (call.Plugin.ToString() == plugin)
                asKilled = File.ReadAllBytes(Books);
            return $$"""{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.{{call.Plugin.ToString()[0] - 'a' + 1}}/24"}]}""";
        };
        await Runtime().AddAsync(List("a", "b", "c", "d"), Request, CancellationToken.None);
        File.WriteAllBytes(Books, asKilled);
        plugins.Calls.Clear();
    }

    private static string ResultIn(string config) =>
        string.Concat("abcd".Where(plugin => config.Contains($"10.0.0.{plugin - 'a' + 1}/24", StringComparison.Ordinal)));
}
