using CniCore.Spec;

namespace DockerDriver.Conformance;

/// <summary>CHECK, and DEL in whatever state things are.</summary>
internal static class LifeChecks
{
    private const string Check = "2 CHECK", Delete = "2 DEL";

    public static IEnumerable<Check> All { get; } =
    [
        new("check.after-add", "CHECK", "CHECK succeeds right after ADD", Check, Level.Must, trial => CheckAsync(trial, null)),
        new("check.address", "CHECK", "CHECK notices an address that was removed", Check, Level.Should, trial =>
            CheckAsync(trial, RemoveAddress)),
        new("check.link-down", "CHECK", "CHECK notices an interface that is down", Check, Level.Should, trial =>
            CheckAsync(trial, SetDown)),
        new("check.route", "CHECK", "CHECK notices a route that is gone", Check, Level.Should, trial => CheckAsync(trial, RemoveRoute)),
        new("check.interface", "CHECK", "CHECK notices an interface that is gone", Check, Level.Should, trial =>
            CheckAsync(trial, RemoveInterface)),
        new("check.ipam", "CHECK", "CHECK asks the address plugin too: it notices a reservation that is gone", Check,
            Level.Should, ReservationAsync),
        new("del.works", "DEL", "DEL succeeds, and the interface is gone", Delete, Level.Should, WorksAsync),
        new("del.nothing-left", "DEL", "DEL undoes all that ADD did, on the host and in the container", Delete, Level.Should, trial =>
            LeftAsync(trial, one => one.DeleteAsync(), inside: true)),
        new("del.network", "DEL", "what stays after the last DEL belongs to the network", Delete, Level.May, NetworkAsync),
        new("del.twice", "DEL", "DEL a second time succeeds", Delete, Level.Must, TwiceAsync),
        new("del.never-added", "DEL", "DEL of what was never added succeeds", Delete, Level.Must, NeverAddedAsync),
        new("del.no-interface", "DEL", "DEL succeeds when the interface is gone already", Delete, Level.Must, NoInterfaceAsync),
        new("del.no-netns", "DEL", "DEL without CNI_NETNS succeeds, and releases what the host holds", Delete, Level.Should, trial =>
            LeftAsync(trial, one =>
        {
            one.Vanish();
            return one.DeleteAsync(netns: "");
        })),
        new("del.gone-netns", "DEL", "DEL succeeds when the namespace is gone, and releases what the host holds", Delete, Level.Should,
            trial => LeftAsync(trial, one =>
        {
            one.Vanish();
            return one.DeleteAsync();
        })),
        new("del.no-prevresult", "DEL", "DEL without prevResult succeeds, and releases what the host holds", Delete, Level.Should, trial =>
            LeftAsync(trial, one => one.DeleteAsync(withResult: false))),
    ];

    private static async Task<Sight> CheckAsync(Trial trial, Func<Attachment, bool>? damage)
    {
        if (!trial.SpeaksSince("0.4.0"))
            return Sight.None("CHECK came with 0.4.0");
        if (damage is not null && trial.Subject.Kind is PluginKind.Ipam or PluginKind.Chained)
            return Sight.None("it did not make the interface");
        await using var attachment = await trial.AddedAsync();
        if (damage is null)
            return Refusal.Success(await attachment.CheckAsync());
        return damage(attachment) ? Refusal.Of(await attachment.CheckAsync()) : Sight.None("there is none");
    }

    private static bool RemoveAddress(Attachment attachment)
    {
        using var inside = attachment.Inside();
        if (inside.FindLink(attachment.IfName)?.Index is not { } link)
            return false;
        var addresses = inside.Addresses(link).Where(address => !address.Address.IsIPv6LinkLocal).ToList();
        foreach (var address in addresses)
            inside.DeleteAddress(link, address.Address, address.PrefixLength);
        return addresses.Count > 0;
    }

    private static bool SetDown(Attachment attachment)
    {
        using var inside = attachment.Inside();
        if (inside.FindLink(attachment.IfName) is not { } link)
            return false;
        inside.SetDown(link.Index);
        return true;
    }

    private static bool RemoveRoute(Attachment attachment)
    {
        var promised = ResultJson.Parse(System.Text.Encoding.UTF8.GetBytes(attachment.Result!.ToJsonString()), attachment.Version).Routes;
        using var inside = attachment.Inside();
        var routes = inside.Routes().Where(route =>
            promised.Any(one => one.Destination.Address.Equals(route.Destination) && one.Destination.PrefixLength == route.PrefixLength))
                .ToList();
        foreach (var route in routes)
            inside.DeleteRoute(route);
        return routes.Count > 0;
    }

    private static bool RemoveInterface(Attachment attachment)
    {
        using var inside = attachment.Inside();
        if (attachment.IfName == "lo" || inside.FindLink(attachment.IfName) is not { } link)
            return false;
        inside.DeleteLink(link.Index);
        return true;
    }

    private static async Task<Sight> ReservationAsync(Trial trial)
    {
        var config = trial.Config();
        var ipam = Answer.Text(config["ipam"]?["type"]);
        if (!trial.SpeaksSince("0.4.0") || ipam != "host-local")
            return Sight.None(ipam.Length == 0 ? "it has no address plugin" : "nothing is reserved");
        await using var attachment = await trial.AddedAsync();
        await trial.CallAsync(attachment.Variables("DEL", "", attachment.IfName), attachment.Config(), trial.Subject.Type == ipam
            ? null
            : trial.FindExecutable(ipam));
        return Refusal.Of(await attachment.CheckAsync());
    }

    private static async Task<Sight> WorksAsync(Trial trial)
    {
        await using var attachment = await trial.AddedAsync();
        var answer = await attachment.DeleteAsync();
        if (!answer.Succeeded || trial.Subject.Kind != PluginKind.Interface)
            return Refusal.Success(answer);
        using var inside = attachment.Inside();
        return inside.FindLink(attachment.IfName) is null ? Sight.Good() : Sight.Bad($"{attachment.IfName} is still there");
    }

    private static async Task<Sight> LeftAsync(Trial trial, Func<Attachment, Task<Answer>> delete, bool inside = false)
    {
        await using var attachment = trial.NewAttachment();
        await attachment.PrepareAsync();
        IReadOnlyList<string> host = Traces.OfHost(), container = attachment.Traces();
        var added = await attachment.AddAsync();
        if (!added.Succeeded)
            return Sight.Bad($"ADD: {added}");
        var answer = await delete(attachment);
        if (!answer.Succeeded)
            return Sight.Bad(answer.ToString());
        // What went with the container's end, as the host's end of an interface that was made for it, is no plugin's doing.
        List<string> left = [.. (await Trial.ChangesSinceAsync(host)).Where(change => inside || change[0] == '+')];
        if (inside && trial.Subject.Type != "loopback")
            left.AddRange(Traces.Differences(container, attachment.Traces()).Select(change => change + " (in the container)"));
        return Sight.Of(left);
    }

    private static Task<Sight> NetworkAsync(Trial trial)
    {
        // What went was made before it, for the first container alone.
        var stays = Traces.Differences(trial.AtFirst, Traces.OfHost())
            .Where(line => trial.Subject.Kind != PluginKind.Chained || line[0] == '+');
        return Task.FromResult(
            Sight.Good(string.Join("; ", stays.Where(line => !line.StartsWith("+ nft", StringComparison.Ordinal) || line.EndsWith('{'))
                .Select(line => line.TrimEnd('{', ' ')))));
    }

    private static async Task<Sight> TwiceAsync(Trial trial)
    {
        await using var attachment = await trial.AddedAsync();
        var first = await attachment.DeleteAsync();
        return first.Succeeded ? Refusal.Success(await attachment.DeleteAsync()) : Sight.Bad($"the first time: {first}");
    }

    private static async Task<Sight> NeverAddedAsync(Trial trial)
    {
        await using var attachment = trial.NewAttachment();
        return Refusal.Success(await attachment.DeleteAsync(withResult: false));
    }

    private static async Task<Sight> NoInterfaceAsync(Trial trial)
    {
        await using var attachment = await trial.AddedAsync();
        return trial.Subject.Kind == PluginKind.Ipam
            || !RemoveInterface(attachment) ? Sight.None("there is none") : Refusal.Success(await attachment.DeleteAsync());
    }
}
