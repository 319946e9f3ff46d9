using CniCore.Spec;

namespace Conformance;

/// <summary>Checks of CHECK, and of DEL in any state.</summary>
internal static class LifecycleChecks
{
    private const string Check = "2 CHECK", Delete = "2 DEL";

    public static IEnumerable<Check> All { get; } =
    [
        new("check.after-add", "CHECK", "CHECK succeeds right after ADD", Check, Level.Must, test => CheckAsync(test, null)),
        new("check.address", "CHECK", "CHECK notices an address that was removed", Check, Level.Should, test =>
            CheckAsync(test, RemoveAddress)),
        new("check.link-down", "CHECK", "CHECK notices an interface that is down", Check, Level.Should, test =>
            CheckAsync(test, SetDown)),
        new("check.route", "CHECK", "CHECK notices a route that is gone", Check, Level.Should, test => CheckAsync(test, RemoveRoute)),
        new("check.interface", "CHECK", "CHECK notices an interface that is gone", Check, Level.Should, test =>
            CheckAsync(test, RemoveInterface)),
        new("check.ipam", "CHECK", "CHECK asks the address plugin too: it notices a reservation that is gone", Check,
            Level.Should, ReservationAsync),
        new("del.works", "DEL", "DEL succeeds, and the interface is gone", Delete, Level.Should, WorksAsync),
        new("del.nothing-left", "DEL", "DEL undoes all that ADD did, on the host and in the container", Delete, Level.Should, test =>
            LeftAsync(test, attachment => attachment.DeleteAsync(), inside: true)),
        new("del.network", "DEL", "what stays after the last DEL belongs to the network", Delete, Level.May, NetworkAsync),
        new("del.twice", "DEL", "DEL a second time succeeds", Delete, Level.Must, TwiceAsync),
        new("del.never-added", "DEL", "DEL of what was never added succeeds", Delete, Level.Must, NeverAddedAsync),
        new("del.no-interface", "DEL", "DEL succeeds when the interface is gone already", Delete, Level.Must, NoInterfaceAsync),
        new("del.no-netns", "DEL", "DEL without CNI_NETNS succeeds, and releases what the host holds", Delete, Level.Should, test =>
            LeftAsync(test, attachment =>
        {
            attachment.RemoveContainer();
            return attachment.DeleteAsync(netns: "");
        })),
        new("del.gone-netns", "DEL", "DEL succeeds when the namespace is gone, and releases what the host holds", Delete, Level.Should,
            test => LeftAsync(test, attachment =>
        {
            attachment.RemoveContainer();
            return attachment.DeleteAsync();
        })),
        new("del.no-prevresult", "DEL", "DEL without prevResult succeeds, and releases what the host holds", Delete, Level.Should, test =>
            LeftAsync(test, attachment => attachment.DeleteAsync(withResult: false))),
    ];

    private static async Task<Outcome> CheckAsync(PluginTest test, Func<TestAttachment, bool>? damage)
    {
        if (!test.SupportsSince("0.4.0"))
            return Outcome.Skip("CHECK came with 0.4.0");
        if (damage is not null && test.PluginUnderTest.Kind is PluginKind.Ipam or PluginKind.Chained)
            return Outcome.Skip("it did not make the interface");
        await using var attachment = await test.AddAttachmentAsync();
        if (damage is null)
            return Expectation.Success(await attachment.CheckAsync());
        return damage(attachment) ? Expectation.Refusal(await attachment.CheckAsync()) : Outcome.Skip("there is none");
    }

    private static bool RemoveAddress(TestAttachment attachment)
    {
        using var inside = attachment.Inside();
        if (inside.FindLink(attachment.IfName)?.Index is not { } link)
            return false;
        var addresses = inside.Addresses(link).Where(address => !address.Address.IsIPv6LinkLocal).ToList();
        foreach (var address in addresses)
            inside.DeleteAddress(link, address.Address, address.PrefixLength);
        return addresses.Count > 0;
    }

    private static bool SetDown(TestAttachment attachment)
    {
        using var inside = attachment.Inside();
        if (inside.FindLink(attachment.IfName) is not { } link)
            return false;
        inside.SetDown(link.Index);
        return true;
    }

    private static bool RemoveRoute(TestAttachment attachment)
    {
        var promised = CniResult.Parse(System.Text.Encoding.UTF8.GetBytes(attachment.Result!.ToJsonString()), attachment.Version).Routes;
        using var inside = attachment.Inside();
        var routes = inside.Routes().Where(route =>
            promised.Any(promise => promise.Destination.Address.Equals(route.Destination)
                && promise.Destination.PrefixLength == route.PrefixLength))
                .ToList();
        foreach (var route in routes)
            inside.DeleteRoute(route);
        return routes.Count > 0;
    }

    private static bool RemoveInterface(TestAttachment attachment)
    {
        using var inside = attachment.Inside();
        if (attachment.IfName == "lo" || inside.FindLink(attachment.IfName) is not { } link)
            return false;
        inside.DeleteLink(link.Index);
        return true;
    }

    private static async Task<Outcome> ReservationAsync(PluginTest test)
    {
        var config = test.Config();
        var ipam = Answer.Text(config["ipam"]?["type"]);
        if (!test.SupportsSince("0.4.0") || ipam != "host-local")
            return Outcome.Skip(ipam.Length == 0 ? "it has no address plugin" : "nothing is reserved");
        await using var attachment = await test.AddAttachmentAsync();
        await test.CallAsync(attachment.Variables("DEL", "", attachment.IfName), attachment.Config(), test.PluginUnderTest.Type == ipam
            ? null
            : test.FindExecutable(ipam));
        return Expectation.Refusal(await attachment.CheckAsync());
    }

    private static async Task<Outcome> WorksAsync(PluginTest test)
    {
        await using var attachment = await test.AddAttachmentAsync();
        var answer = await attachment.DeleteAsync();
        if (!answer.Succeeded || test.PluginUnderTest.Kind != PluginKind.Interface)
            return Expectation.Success(answer);
        using var inside = attachment.Inside();
        return inside.FindLink(attachment.IfName) is null ? Outcome.Pass() : Outcome.Fail($"{attachment.IfName} is still there");
    }

    private static async Task<Outcome> LeftAsync(PluginTest test, Func<TestAttachment, Task<Answer>> delete, bool inside = false)
    {
        await using var attachment = test.NewAttachment();
        await attachment.PrepareAsync();
        IReadOnlyList<string> host = HostSnapshot.OfHost(), container = attachment.Snapshot();
        var added = await attachment.AddAsync();
        if (!added.Succeeded)
            return Outcome.Fail($"ADD: {added}");
        var answer = await delete(attachment);
        if (!answer.Succeeded)
            return Outcome.Fail(answer.ToString());
        // Objects that disappear with the container, such as the host's veth peer, are not the plugin's doing.
        List<string> left = [.. (await PluginTest.ChangesSinceAsync(host)).Where(change => inside || change[0] == '+')];
        if (inside && test.PluginUnderTest.Type != "loopback")
            left.AddRange(HostSnapshot.Differences(container, attachment.Snapshot()).Select(change => change + " (in the container)"));
        return Outcome.Of(left);
    }

    private static Task<Outcome> NetworkAsync(PluginTest test)
    {
        // Removed lines were created for the first container only.
        var stays = HostSnapshot.Differences(test.InitialSnapshot, HostSnapshot.OfHost())
            .Where(line => test.PluginUnderTest.Kind != PluginKind.Chained || line[0] == '+');
        return Task.FromResult(
            Outcome.Pass(string.Join("; ", stays.Where(line => !line.StartsWith("+ nft", StringComparison.Ordinal) || line.EndsWith('{'))
                .Select(line => line.TrimEnd('{', ' ')))));
    }

    private static async Task<Outcome> TwiceAsync(PluginTest test)
    {
        await using var attachment = await test.AddAttachmentAsync();
        var first = await attachment.DeleteAsync();
        return first.Succeeded ? Expectation.Success(await attachment.DeleteAsync()) : Outcome.Fail($"the first time: {first}");
    }

    private static async Task<Outcome> NeverAddedAsync(PluginTest test)
    {
        await using var attachment = test.NewAttachment();
        return Expectation.Success(await attachment.DeleteAsync(withResult: false));
    }

    private static async Task<Outcome> NoInterfaceAsync(PluginTest test)
    {
        await using var attachment = await test.AddAttachmentAsync();
        return test.PluginUnderTest.Kind == PluginKind.Ipam
            || !RemoveInterface(attachment) ? Outcome.Skip("there is none") : Expectation.Success(await attachment.DeleteAsync());
    }
}
