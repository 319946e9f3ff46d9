using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace Conformance;

/// <summary>A container to attach, in its own netns, and the calls about it. Disposing detaches and removes it.</summary>
internal sealed class TestAttachment : IAsyncDisposable
{
    private readonly PluginTest test;
    private readonly int number;
    private readonly NetworkNamespace netns;
    private readonly CniResult? before;
    private bool isPrepared;

    public TestAttachment(PluginTest test, int number, string version)
    {
        (this.test, this.number, Version) = (test, number, version);
        netns = ScratchHost.NewContainer(number, out var path);
        NetNs = path;
        if (test.PluginUnderTest.Config.Contains(ScratchHost.Device + "$N", StringComparison.Ordinal))
            ScratchHost.NewDevice(number);
        if (test.PluginUnderTest is { Kind: PluginKind.Chained, Before: [] })
            before = MakeInterface();
    }

    public string Version { get; }

    public string ContainerId => $"conformance-{number}";

    public string IfName => test.PluginUnderTest.IfName;

    public string NetNs { get; }

    /// <summary>The result of the earlier plugins; null where there are none.</summary>
    public JsonNode? Before { get; private set; }

    /// <summary>The result of ADD.</summary>
    public JsonObject? Result { get; private set; }

    /// <summary>The configuration without <c>prevResult</c>.</summary>
    public JsonObject Config() => test.Config(test.PluginUnderTest.Config, number, Version);

    /// <summary>Runs ADD of the earlier plugins, once, so that later changes are this plugin's.</summary>
    public async Task PrepareAsync(string args = "")
    {
        if (isPrepared)
            return;
        isPrepared = true;
        Before = before is null ? null : JsonNode.Parse(before.ToJson(Version));
        foreach (var earlier in test.PluginUnderTest.Before)
        {
            var request = test.Config(earlier, number, Version);
            if (Before is not null)
                request["prevResult"] = Before.DeepClone();
            var type = Answer.Text(request["type"]);
            var said = await test.CallAsync(Variables("ADD", args, IfName), request, test.FindExecutable(type));
            Before = said.Succeeded && said.Json is { } result
                ? result
                : throw new CheckAbortedException($"{type}, which comes before it, failed: {said}");
        }
    }

    /// <summary>Runs ADD, after that of the earlier plugins.</summary>
    public async Task<Answer> AddAsync(JsonObject? config = null, string args = "", string? ifName = null)
    {
        await PrepareAsync(args);
        config ??= Config();
        if (Before is not null)
            config["prevResult"] = Before.DeepClone();
        var answer = await test.CallAsync(Variables("ADD", args, ifName ?? IfName), config);
        if (answer.Succeeded && ifName is null)
            Result = answer.Json;
        return answer;
    }

    public Task<Answer> CheckAsync() => test.CallAsync(Variables("CHECK", "", IfName), WithResult());

    /// <summary>Runs DEL; <paramref name="netns"/> replaces the namespace, empty for none.</summary>
    public async Task<Answer> DeleteAsync(string? netns = null, bool withResult = true)
    {
        var variables = Variables("DEL", "", IfName);
        if (netns is not null)
            variables["CNI_NETNS"] = netns;
        return await test.CallAsync(variables, withResult && HasPrevResultOnDelete ? WithResult() : Config());
    }

    /// <summary>The environment of a call for this attachment.</summary>
    public Dictionary<string, string> Variables(string command, string args, string ifName) => new(StringComparer.Ordinal)
    {
        ["CNI_COMMAND"] = command,
        ["CNI_CONTAINERID"] = ContainerId,
        ["CNI_NETNS"] = NetNs,
        ["CNI_IFNAME"] = ifName,
        ["CNI_ARGS"] = args,
    };

    public RouteSocket Inside() => RouteSocket.OpenIn(netns);

    /// <summary>The container's state.</summary>
    public IReadOnlyList<string> Snapshot() => HostSnapshot.OfContainer(netns, IfName);

    /// <summary>Removes the container's interfaces, then its netns, so that the kernel has nothing left to do asynchronously.</summary>
    public void RemoveContainer()
    {
        using (var routes = Inside())
        {
            foreach (var link in routes.Links().Where(link => link.Name != "lo"))
                Delete(routes, link);
        }
        NetworkNamespace.Unpin(NetNs);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await DeleteAsync();
            foreach (var earlier in test.PluginUnderTest.Before.Reverse())
            {
                var request = test.Config(earlier, number, Version);
                await test.CallAsync(Variables("DEL", "", IfName), request, test.FindExecutable(Answer.Text(request["type"])));
            }
        }
        catch (CheckAbortedException)
        {
            // nothing more is called; everything ends with this process
        }
        if (NetworkNamespace.IsAt(NetNs))
            RemoveContainer();
        netns.Dispose();
        using var host = RouteSocket.Open();
        if (host.FindLink(ScratchHost.Device + number) is { } device)
            Delete(host, device);
    }

    // DEL gets prevResult since 0.4.0.
    private bool HasPrevResultOnDelete => PluginTest.Rank(Version) >= PluginTest.Rank("0.4.0");

    private JsonObject WithResult()
    {
        var config = Config();
        if ((Result ?? Before) is { } result)
            config["prevResult"] = result.DeepClone();
        return config;
    }

    // Fallback tunnel interfaces cannot be deleted; they end with their netns.
    private static void Delete(RouteSocket routes, Link link)
    {
        try
        {
            routes.DeleteLink(link.Index);
        }
        catch (NetlinkException)
        {
            // see above
        }
    }

    // What a plugin such as ptp creates for later plugins.
    private CniResult MakeInterface()
    {
        var host = "host" + number.ToString(CultureInfo.InvariantCulture);
        var address = new CidrAddress(new([10, 88, (byte)(number / 250), (byte)(number % 250 + 2)]), 16);
        var gateway = AddressText.Parse("10.88.0.1");
        using RouteSocket outside = RouteSocket.Open(), inside = Inside();
        inside.SetUp(inside.FindLink("lo")!.Index);
        outside.CreateVeth(new VethPair(host, IfName) { PeerNetns = netns, Up = true });
        var link = inside.FindLink(IfName)!;
        inside.SetUp(link.Index);
        inside.AddAddress(link.Index, address.Address, address.PrefixLength, false);
        inside.AddRoute(new(IPAddress.Any, 0, gateway, link.Index));
        return new()
        {
            CniVersion = Version,
            Interfaces = [new() { Name = host, Mac = outside.FindLink(host)!.Mac },
                new() { Name = IfName, Mac = link.Mac, Sandbox = NetNs }],
            Ips = [new() { Interface = 1, Address = address, Gateway = gateway }],
            Routes = [new() { Destination = CidrAddress.Parse("0.0.0.0/0"), Gateway = gateway }],
            Dns = new() { NameServers = ["10.88.0.1"], Search = ["conformance.test"] },
        };
    }
}
