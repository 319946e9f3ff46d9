using System.Text.Json.Nodes;
using CniCore.Spec;

namespace Conformance;

/// <summary>ADD: what it answers, what it made, and what it may not stumble over.</summary>
internal static class AddChecks
{
    private const string Add = "2 ADD";
    private const int AtOnce = 4;

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
        if (test.PluginUnderTest.Unaddable is { } why)
        {
            test.CannotAdd = why;
            return Outcome.None(why);
        }
        await using var attachment = test.NewAttachment();
        await attachment.PrepareAsync();
        test.AtFirst = HostSnapshot.OfHost();
        var answer = await attachment.AddAsync();
        if (answer.Succeeded && answer.Json is not null)
            return Outcome.Good($"version {test.Newest}");
        test.CannotAdd = "ADD does not work";
        return Outcome.Bad(answer.ToString());
    }

    private static async Task<Outcome> ShapeAsync(PluginTest test, string version)
    {
        if (!test.Speaks(version))
            return Outcome.None("it does not speak this version");
        if (test.DeafTo(version) is { } neighbour)
            return Outcome.None($"{neighbour}, with which it is tried, does not speak this version");
        if (test.PluginUnderTest.Kind == PluginKind.Chained && PluginTest.Rank(version) < PluginTest.Rank("0.3.0"))
            return Outcome.None("there were no chains yet");
        await using var attachment = await test.AddedAsync(version);
        return attachment.Result is { } result
            ? Outcome.Of(ResultShape.Faults(result, version, test.PluginUnderTest.Kind))
            : Outcome.Bad("standard output is not one JSON object");
    }

    private static async Task<Outcome> TruthAsync(PluginTest test)
    {
        if (test.PluginUnderTest.Kind == PluginKind.Ipam)
            return Outcome.None("an address plugin makes nothing");
        if (!test.SpeaksSince("0.3.0"))
            return Outcome.None("results name interfaces since 0.3.0");
        await using var attachment = await test.AddedAsync();
        var result = CniResult.Parse(System.Text.Encoding.UTF8.GetBytes(attachment.Result!.ToJsonString()), attachment.Version);
        using var inside = attachment.Inside();
        var wrong = new List<string>();
        foreach (var one in result.Interfaces.Where(one => one.Sandbox is { Length: > 0 }))
        {
            if (inside.FindLink(one.Name) is not { } link)
                wrong.Add($"{one.Name} is not in the container");
            else if (one.Mac is { Length: > 0 } mac && !mac.Equals(link.Mac, StringComparison.OrdinalIgnoreCase))
                wrong.Add($"the MAC of {one.Name} is {link.Mac}, not {mac}");
        }
        if (test.PluginUnderTest.Kind == PluginKind.Interface
            && result.Interfaces.All(one => one.Name != attachment.IfName || one.Sandbox != attachment.NetNs))
            wrong.Add($"no interface is {attachment.IfName} with the sandbox {attachment.NetNs}");
        var there = inside.Addresses(null);
        wrong.AddRange(result.Ips.Where(ip => there.All(one => !one.Address.Equals(ip.Address.Address)))
            .Select(ip => $"{ip.Address} is on no interface"));
        return Outcome.Of(wrong);
    }

    private static async Task<Outcome> TwiceAsync(PluginTest test)
    {
        if (test.PluginUnderTest.Kind != PluginKind.Interface)
            return Outcome.None("it makes no interface");
        await using var attachment = await test.AddedAsync();
        var result = attachment.Result;
        var before = attachment.Snapshot();
        var sight = Expectation.Of(await attachment.AddAsync());
        var changes = HostSnapshot.Differences(before, attachment.Snapshot());
        return sight.Kept == true && changes.Count > 0
            ? Outcome.Good($"{sight.Seen}; but the first has changed: {string.Join(", ", changes)}")
            : sight;
    }

    private static async Task<Outcome> FailedAsync(PluginTest test)
    {
        if (test.PluginUnderTest.Kind is PluginKind.Ipam or PluginKind.Chained)
            return Outcome.None("it need not enter the namespace");
        await using var attachment = test.NewAttachment();
        var before = HostSnapshot.OfHost();
        var variables = attachment.Variables("ADD", "", attachment.IfName);
        variables["CNI_NETNS"] = "/run/cnid/conformance/gone";
        var sight = Expectation.Of(await test.CallAsync(variables, attachment.Config()));
        var gone = await attachment.DeleteAsync("/run/cnid/conformance/gone");
        if (sight.Kept != true || !gone.Succeeded)
            return sight.Kept == true ? Outcome.Bad($"DEL afterwards: {gone}") : sight;
        return Outcome.Of(await PluginTest.ChangesSinceAsync(before), sight.Seen);
    }

    private static async Task<Outcome> AtOnceAsync(PluginTest test)
    {
        var before = HostSnapshot.OfHost();
        var attachments = Enumerable.Range(0, AtOnce).Select(_ => test.NewAttachment()).ToList();
        try
        {
            var answers = await Task.WhenAll(attachments.Select(one => one.AddAsync()));
            if (answers.FirstOrDefault(answer => !answer.Succeeded) is { } failed)
                return Outcome.Bad($"ADD: {failed}");
            var addresses = attachments.Select(one =>
                string.Join(' ', (one.Result?["ips"] as JsonArray ?? []).Select(ip => Answer.Text(ip?["address"])))).ToList();
            if (test.PluginUnderTest is { Kind: PluginKind.Interface, Config: var config }
                && config.Contains("host-local", StringComparison.Ordinal) && addresses.Distinct().Count() < AtOnce)
                return Outcome.Bad($"addresses were given twice: {string.Join(", ", addresses)}");
            var ends = await Task.WhenAll(attachments.Select(one => one.DeleteAsync()));
            return ends.FirstOrDefault(answer => !answer.Succeeded) is { } stuck ? Outcome.Bad($"DEL: {stuck}") : Outcome.Good();
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
            return Outcome.None("it is the first of its list");
        await using var attachment = await test.AddedAsync();
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
