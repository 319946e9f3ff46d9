using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary><c>cnid conformance</c>: a plugin that keeps the spec passes, and each fault of one that does not is noticed.</summary>
[Trait("Engine", "none")]
public sealed class ConformanceTests(Lab lab) : LabTest(lab)
{
    private static readonly string Scripted = Path.Combine(AppContext.BaseDirectory, "Scripted", "scripted");

    [Theory]
    [InlineData("none")]
    [InlineData("bad-json", "Fail add.works")]
    [InlineData("wrong-code", "Fail error.version")]
    [InlineData("shape", "Fail result.0.3.1", "Fail result.0.4.0")]
    [InlineData("leaks", "Gap del.nothing-left", "Gap gc.dead")]
    [InlineData("writes", "Gap del.nothing-left", "Gap del.no-netns")]
    [InlineData("stays", "Gap del.nothing-left")]
    [InlineData("del-once", "Fail del.twice", "Fail del.never-added")]
    [InlineData("blind", "Gap check.address", "Gap check.link-down", "Gap check.route", "Gap check.interface")]
    [InlineData("gc-all", "Fail gc.live")]
    [InlineData("hangs", "Fail check.after-add", "Fail calls.end")]
    public async Task Fault_IsNoticed(string fault, params string[] expected)
    {
        await Lab.OkAsync("""echo '{"cniVersion":"1.1.0","name":"scripted","type":"scripted"}' > /run/scripted.conf""");
        var result = await Lab.RunAsync($"FAULT={fault} {Lab.Cnid} conformance {Scripted} --config /run/scripted.conf "
            + $"--json{(fault == "hangs" ? " --timeout 2" : "")}");
        var found = Found(result, 0);
        if (expected.Length == 0)
            Assert.Empty(found);
        Assert.Subset(found.ToHashSet(), expected.ToHashSet());
        Assert.Equal(found.Any(one => one.StartsWith("Fail", StringComparison.Ordinal)) ? 1 : 0, result.Status);
        await Lab.OkAsync(
            "rm /run/scripted.conf; [ $(pgrep -fc 'sleep 60[0]') = 0 ] && ! ls /etc/left-by-* 2> /dev/null && [ ! -e /var/lib/scripted ]");
    }

    [Fact]
    public async Task Reference_GapsAreNamed()
    {
        var result = await Lab.RunAsync($"{Lab.Cnid} conformance bridge host-local --json");
        Assert.Contains("Gap error.version-said", Found(result, 0));
        Assert.Contains("Gap error.version-said", Found(result, 1));
    }

    [Fact]
    public async Task BuiltIns_KeepAllOfIt()
    {
        var result = await Lab.RunAsync($"{Lab.Cnid} conformance --builtin --strict --json bridge ptp");
        var reports = JsonNode.Parse(result.Output)!.AsArray();
        Assert.Equal([], Enumerable.Range(0, reports.Count)
            .SelectMany(index => Found(result, index).Select(one => $"{(string?)reports[index]!["plugin"]}: {one}")));
        Assert.Equal(0, result.Status);
    }

    [Theory]
    [InlineData("conformance no-such-plugin", "no-such-plugin is not in")]
    [InlineData("conformance --builtin calico", "calico is not built in")]
    [InlineData("conformance", "Required argument missing")]
    public async Task WrongUsage_IsStatus2_WithOneLine(string words, string line)
    {
        var result = await Lab.RunAsync($"{Lab.Cnid} {words}");
        Assert.Equal(2, result.Status);
        Assert.Contains(line, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tap_CountsWhatItPlans()
    {
        var lines = (await Lab.OkAsync($"{Lab.Cnid} conformance host-local --tap")).Split('\n');
        Assert.Equal("TAP version 14", lines[0]);
        var findings = lines.Count(line =>
            line.StartsWith("ok ", StringComparison.Ordinal) || line.StartsWith("not ok ", StringComparison.Ordinal));
        Assert.Equal(lines[1], $"1..{findings}");
        Assert.Contains(lines, line =>
            line.StartsWith("not ok ", StringComparison.Ordinal) && line.Contains("# TODO should", StringComparison.Ordinal));
    }

    private static List<string> Found(CommandResult result, int index)
    {
        Assert.True(result.Output.Length > 0, result.Text);
        return
        [
            .. from finding in JsonNode.Parse(result.Output)![index]!["findings"]!.AsArray()
               where (string?)finding!["verdict"] is "Fail" or "Gap"
               select $"{(string?)finding["verdict"]} {(string?)finding["id"]}",
        ];
    }
}
