using System.Text.Json.Nodes;

namespace Conformance;

/// <summary>Checks of the verbs for a network: STATUS and GC, since 1.1.0; and of time limits.</summary>
internal static class NetworkChecks
{
    private const string Since = "1.1.0";
    private const string NoSuchPlugin = "no-such-address-plugin";

    public static IEnumerable<Check> All { get; } =
    [
        new("status.ready", "STATUS", "STATUS succeeds when ADD does, and changes nothing", "2 STATUS", Level.Must, ReadyAsync),
        new("status.delegate", "STATUS", "STATUS fails when the address plugin cannot be asked", "2 STATUS", Level.Must, DelegateAsync),
        new("gc.live", "GC", "GC leaves alone what is attached", "2 GC", Level.Must, LiveAsync),
        new("gc.dead", "GC", "GC removes what was left of a container that is gone", "2 GC", Level.Should, DeadAsync),
        new("gc.then-del", "GC", "DEL of what GC removed succeeds", "2 DEL", Level.Must, ThenDeleteAsync),
        new("calls.end", "time", "every call ends", "2 Overview", Level.Must, test =>
            Task.FromResult(Outcome.Of([.. test.TimedOut.Select(verb => $"{verb} did not within"
                + $" {test.PluginUnderTest.Timeout} s")]))) { NeedsAdd =
                false },
    ];

    private static Outcome? RequiresNewer(PluginTest test) =>
        !test.Supports(Since) ? Outcome.Skip($"not supported: it speaks up to {test.Newest}, and this came with {Since}")
        : test.NeighbourWithout(Since) is { } neighbour
            ? Outcome.Skip($"{neighbour}, with which it is tried, does not speak {Since}, with which this came")
        : null;

    private static async Task<Outcome> ReadyAsync(PluginTest test)
    {
        if (RequiresNewer(test) is { } old)
            return old;
        var before = HostSnapshot.OfHost();
        var answer = await test.CallAsync("STATUS", test.Config());
        return answer.Succeeded ? Outcome.Of(await PluginTest.ChangesSinceAsync(before)) : Outcome.Fail(answer.ToString());
    }

    private static async Task<Outcome> DelegateAsync(PluginTest test)
    {
        var config = test.Config();
        if (RequiresNewer(test) is { } old)
            return old;
        if (test.PluginUnderTest.Kind == PluginKind.Ipam || config["ipam"]?["type"] is null)
            return Outcome.Skip("it has no address plugin");
        config["ipam"]!["type"] = NoSuchPlugin;
        return Expectation.Refusal(await test.CallAsync("STATUS", config));
    }

    private static async Task<Outcome> LiveAsync(PluginTest test)
    {
        if (RequiresNewer(test) is { } old)
            return old;
        await using TestAttachment first = await test.AddAttachmentAsync(), second = await test.AddAttachmentAsync();
        var host = HostSnapshot.OfHost();
        IReadOnlyList<string> inFirst = first.Snapshot(), inSecond = second.Snapshot();
        var answer = await CollectAsync(test, first, second);
        if (!answer.Succeeded)
            return Outcome.Fail(answer.ToString());
        return Outcome.Of([.. await PluginTest.ChangesSinceAsync(host), .. HostSnapshot.Differences(inFirst, first.Snapshot()),
            .. HostSnapshot.Differences(inSecond, second.Snapshot())]);
    }

    private static async Task<Outcome> DeadAsync(PluginTest test)
    {
        if (RequiresNewer(test) is { } old)
            return old;
        await using var live = await test.AddAttachmentAsync();
        await using var dead = test.NewAttachment();
        await dead.PrepareAsync();
        var host = HostSnapshot.OfHost();
        var added = await dead.AddAsync();
        if (!added.Succeeded)
            return Outcome.Fail($"ADD: {added}");
        dead.RemoveContainer();
        var answer = await CollectAsync(test, live);
        return answer.Succeeded
            ? Outcome.Of([.. (await PluginTest.ChangesSinceAsync(host)).Where(change => change[0] == '+')])
            : Outcome.Fail(answer.ToString());
    }

    private static async Task<Outcome> ThenDeleteAsync(PluginTest test)
    {
        if (RequiresNewer(test) is { } old)
            return old;
        await using var dead = await test.AddAttachmentAsync();
        dead.RemoveContainer();
        var answer = await CollectAsync(test);
        return Expectation.Success(answer.Succeeded ? await dead.DeleteAsync() : answer);
    }

    private static Task<Answer> CollectAsync(PluginTest test, params TestAttachment[] live)
    {
        var config = test.Config();
        config["cni.dev/valid-attachments"] =
            new JsonArray([.. live.Select(attachment =>
                new JsonObject { ["containerID"] = attachment.ContainerId, ["ifname"] = attachment.IfName })]);
        return test.CallAsync("GC", config);
    }
}
