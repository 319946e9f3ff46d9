using System.Text.Json.Nodes;
using CniCore.Spec;

namespace Conformance;

/// <summary>Checks of ADD: its result, its effects, and input that it must accept.</summary>
internal static class AddChecks
{
    private const string Add = "2 ADD";
    private const int Parallelism = 4;

    public static IEnumerable<Check> All { get; } =
    [
        new("add.works", "ADD", "ADD succeeds", Add, Level.Must, WorksAsync) { NeedsAdd = false },
        .. PluginTest.SpecVersions.Select(version =>
            new Check($"result.{version}", "results", $"the result for {version} has the shape of {version}", "5 Success", Level.Must,
                test => ShapeAsync(test, version))),
        new("result.true", "results", "what the result names is there: the interface, its MAC, its addresses", "5 Success",
            Level.Must, TruthAsync),
        new("add.twice", "ADD", "ADD for an interface that exists is refused", Add, Level.Must, TwiceAsync),
        new("add.failed", "ADD", "ADD into a namespace that is gone is refused, and leaves nothing after DEL", Add,
            Level.Should, FailedAsync),
        new("add.at-once", "ADD", "four containers at once are attached, each with addresses of its own, and detached", "3 Lifecycle",
            Level.Must, AtOnceAsync),
        new("chain.passes-on", "chaining", "the result holds what prevResult held", "2 ADD, 5 Success", Level.Must, PassesOnAsync),
        new("unknown.key", "unknown keys", "a key that it does not know is ignored", "1 Plugin configuration", Level.May, test =>
            WithAsync(test, config => config["conformance"] = new JsonObject { ["unknown"] = true })),
        new("unknown.args", "unknown keys", "args that it does not know are ignored", "1 Plugin configuration", Level.Should, test =>
            WithAsync(test, config => config["args"] = new JsonObject { ["conformance.test"] = new JsonObject { ["unknown"] = 1 } })),
        new("unknown.cni-args", "unknown keys", "CNI_ARGS that it does not know are ignored, where IgnoreUnknown says so", "2 Parameters",
            Level.Should, test => WithAsync(test, _ => { }, "IgnoreUnknown=1;CONFORMANCE=unknown")),
    ];

    private static async Task<Outcome> WorksAsync(PluginTest test)
    {
        if (test.PluginUnderTest.AddUnavailable is { } why)
        {
            test.CannotAdd = why;
            return Outcome.Skip(why);
        }
        await using var attachment = test.NewAttachment();
        await attachment.PrepareAsync();
        test.InitialSnapshot = HostSnapshot.OfHost();
        var answer = await attachment.AddAsync();
        if (answer.Succeeded && answer.Json is not null)
            return Outcome.Pass($"version {test.Newest}");
        test.CannotAdd = "ADD does not work";
        return Outcome.Fail(answer.ToString());
    }

    private static async Task<Outcome> ShapeAsync(PluginTest test, string version)
    {
        if (!test.Supports(version))
            return Outcome.Skip("it does not speak this version");
        if (test.NeighbourWithout(version) is { } neighbour)
            return Outcome.Skip($"{neighbour}, with which it is tried, does not speak this version");
        if (test.PluginUnderTest.Kind == PluginKind.Chained && PluginTest.Rank(version) < PluginTest.Rank("0.3.0"))
            return Outcome.Skip("there were no chains yet");
        await using var attachment = await test.AddAttachmentAsync(version);
        return attachment.Result is { } result
            ? Outcome.Of(ResultShape.Faults(result, version, test.PluginUnderTest.Kind))
            : Outcome.Fail("standard output is not one JSON object");
    }

    private static async Task<Outcome> TruthAsync(PluginTest test)
    {
        if (test.PluginUnderTest.Kind == PluginKind.Ipam)
            return Outcome.Skip("an address plugin makes nothing");
        if (!test.SupportsSince("0.3.0"))
            return Outcome.Skip("results name interfaces since 0.3.0");
        await using var attachment = await test.AddAttachmentAsync();
        var result = CniResult.Parse(System.Text.Encoding.UTF8.GetBytes(attachment.Result!.ToJsonString()), attachment.Version);
        using var inside = attachment.Inside();
        var wrong = new List<string>();
        foreach (var reported in result.Interfaces.Where(reported => reported.Sandbox is { Length: > 0 }))
        {
            if (inside.FindLink(reported.Name) is not { } link)
                wrong.Add($"{reported.Name} is not in the container");
            else if (reported.Mac is { Length: > 0 } mac && !mac.Equals(link.Mac, StringComparison.OrdinalIgnoreCase))
                wrong.Add($"the MAC of {reported.Name} is {link.Mac}, not {mac}");
        }
        if (test.PluginUnderTest.Kind == PluginKind.Interface
            && result.Interfaces.All(reported => reported.Name != attachment.IfName || reported.Sandbox != attachment.NetNs))
            wrong.Add($"no interface is {attachment.IfName} with the sandbox {attachment.NetNs}");
        var there = inside.Addresses(null);
        wrong.AddRange(result.Ips.Where(ip => there.All(present => !present.Address.Equals(ip.Address.Address)))
            .Select(ip => $"{ip.Address} is on no interface"));
        return Outcome.Of(wrong);
    }

    private static async Task<Outcome> TwiceAsync(PluginTest test)
    {
        if (test.PluginUnderTest.Kind != PluginKind.Interface)
            return Outcome.Skip("it makes no interface");
        await using var attachment = await test.AddAttachmentAsync();
        var result = attachment.Result;
        var before = attachment.Snapshot();
        var outcome = Expectation.Refusal(await attachment.AddAsync());
        var changes = HostSnapshot.Differences(before, attachment.Snapshot());
        return outcome.Passed == true && changes.Count > 0
            ? Outcome.Pass($"{outcome.Seen}; but the first has changed: {string.Join(", ", changes)}")
            : outcome;
    }

    private static async Task<Outcome> FailedAsync(PluginTest test)
    {
        if (test.PluginUnderTest.Kind is PluginKind.Ipam or PluginKind.Chained)
            return Outcome.Skip("it need not enter the namespace");
        await using var attachment = test.NewAttachment();
        var before = HostSnapshot.OfHost();
        var variables = attachment.Variables("ADD", "", attachment.IfName);
        variables["CNI_NETNS"] = "/run/cnid/conformance/gone";
        var outcome = Expectation.Refusal(await test.CallAsync(variables, attachment.Config()));
        var gone = await attachment.DeleteAsync("/run/cnid/conformance/gone");
        if (outcome.Passed != true || !gone.Succeeded)
            return outcome.Passed == true ? Outcome.Fail($"DEL afterwards: {gone}") : outcome;
        return Outcome.Of(await PluginTest.ChangesSinceAsync(before), outcome.Seen);
    }

    private static async Task<Outcome> AtOnceAsync(PluginTest test)
    {
        var before = HostSnapshot.OfHost();
        var attachments = Enumerable.Range(0, Parallelism).Select(_ => test.NewAttachment()).ToList();
        try
        {
            var answers = await Task.WhenAll(attachments.Select(attachment => attachment.AddAsync()));
            if (answers.FirstOrDefault(answer => !answer.Succeeded) is { } failed)
                return Outcome.Fail($"ADD: {failed}");
            var addresses = attachments.Select(attachment =>
                string.Join(' ', (attachment.Result?["ips"] as JsonArray ?? []).Select(ip => Answer.Text(ip?["address"])))).ToList();
            if (test.PluginUnderTest is { Kind: PluginKind.Interface, Config: var config }
                && config.Contains("host-local", StringComparison.Ordinal) && addresses.Distinct().Count() < Parallelism)
                return Outcome.Fail($"addresses were given twice: {string.Join(", ", addresses)}");
            var ends = await Task.WhenAll(attachments.Select(attachment => attachment.DeleteAsync()));
            return ends.FirstOrDefault(answer => !answer.Succeeded) is { } stuck ? Outcome.Fail($"DEL: {stuck}") : Outcome.Pass();
        }
        finally
        {
            foreach (var attachment in attachments)
                await attachment.DisposeAsync();
        }
    }

    private static async Task<Outcome> PassesOnAsync(PluginTest test)
    {
        if (test.PluginUnderTest.Kind != PluginKind.Chained)
            return Outcome.Skip("it is the first of its list");
        await using var attachment = await test.AddAttachmentAsync();
        var (lost, changed) = PrevResultComparison.Compare(attachment.Before, attachment.Result);
        return Outcome.Of(lost, string.Join("; ", changed));
    }

    private static async Task<Outcome> WithAsync(PluginTest test, Action<JsonObject> change, string args = "")
    {
        await using var attachment = test.NewAttachment();
        var config = attachment.Config();
        change(config);
        return Expectation.Success(await attachment.AddAsync(config, args));
    }
}
