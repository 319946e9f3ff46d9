using System.Text.Json.Nodes;

namespace DockerDriver.Conformance;

/// <summary>The verbs that are about a network, not a container: STATUS and GC, since 1.1.0. And what only the end shows.</summary>
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
        new("calls.end", "time", "every call ends", "2 Overview", Level.Must, trial =>
            Task.FromResult(Sight.Of([.. trial.Late.Select(verb => $"{verb} did not within {trial.Subject.Timeout} s")]))) { NeedsAdd =
                false },
    ];

    private static Sight? Old(Trial trial) =>
        !trial.Speaks(Since) ? Sight.None($"not supported: it speaks up to {trial.Newest}, and this came with {Since}")
        : trial.DeafTo(Since) is { } neighbour
            ? Sight.None($"{neighbour}, with which it is tried, does not speak {Since}, with which this came")
        : null;

    private static async Task<Sight> ReadyAsync(Trial trial)
    {
        if (Old(trial) is { } old)
            return old;
        var before = Traces.OfHost();
        var answer = await trial.CallAsync("STATUS", trial.Config());
        return answer.Succeeded ? Sight.Of(await Trial.ChangesSinceAsync(before)) : Sight.Bad(answer.ToString());
    }

    private static async Task<Sight> DelegateAsync(Trial trial)
    {
        var config = trial.Config();
        if (Old(trial) is { } old)
            return old;
        if (trial.Subject.Kind == PluginKind.Ipam || config["ipam"]?["type"] is null)
            return Sight.None("it has no address plugin");
        config["ipam"]!["type"] = NoSuchPlugin;
        return Refusal.Of(await trial.CallAsync("STATUS", config));
    }

    private static async Task<Sight> LiveAsync(Trial trial)
    {
        if (Old(trial) is { } old)
            return old;
        await using Attachment one = await trial.AddedAsync(), two = await trial.AddedAsync();
        var host = Traces.OfHost();
        IReadOnlyList<string> inOne = one.Traces(), inTwo = two.Traces();
        var answer = await CollectAsync(trial, one, two);
        if (!answer.Succeeded)
            return Sight.Bad(answer.ToString());
        return Sight.Of([.. await Trial.ChangesSinceAsync(host), .. Traces.Differences(inOne, one.Traces()),
            .. Traces.Differences(inTwo, two.Traces())]);
    }

    private static async Task<Sight> DeadAsync(Trial trial)
    {
        if (Old(trial) is { } old)
            return old;
        await using var live = await trial.AddedAsync();
        await using var dead = trial.NewAttachment();
        await dead.PrepareAsync();
        var host = Traces.OfHost();
        var added = await dead.AddAsync();
        if (!added.Succeeded)
            return Sight.Bad($"ADD: {added}");
        dead.Vanish();
        var answer = await CollectAsync(trial, live);
        return answer.Succeeded
            ? Sight.Of([.. (await Trial.ChangesSinceAsync(host)).Where(change => change[0] == '+')])
            : Sight.Bad(answer.ToString());
    }

    private static async Task<Sight> ThenDeleteAsync(Trial trial)
    {
        if (Old(trial) is { } old)
            return old;
        await using var dead = await trial.AddedAsync();
        dead.Vanish();
        var answer = await CollectAsync(trial);
        return Refusal.Success(answer.Succeeded ? await dead.DeleteAsync() : answer);
    }

    private static Task<Answer> CollectAsync(Trial trial, params Attachment[] live)
    {
        var config = trial.Config();
        config["cni.dev/valid-attachments"] =
            new JsonArray([.. live.Select(one => new JsonObject { ["containerID"] = one.ContainerId, ["ifname"] = one.IfName })]);
        return trial.CallAsync("GC", config);
    }
}
