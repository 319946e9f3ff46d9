using System.Text.Json;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using CniCore.Spec.Shapes;
using DockerDriver.Errors;
using DockerDriver.Ipam;
using DockerDriver.Lists;

namespace Fuzz.Targets;

/// <summary>Network lists, and what plugins answer.</summary>
internal static class OfLists
{
    public static IReadOnlyList<Target> All { get; } =
    [
        new("network-list", Form.Json, List, Targets.All.OfCni,
            "NetworkListReader", "ListFields", "ListShape", "LocatedJson", "Shape", "PluginRequest", "NetworkListJson"),
        new("list-review", Form.Json, Review, [typeof(CniException), typeof(RefusedException)],
            "ListIpam", "InterfacelessList", "WidenedRanges", "AddressRequest", "PoolOptions:RefuseUnfit Unfit NullIpamCommand"),
        new("inline-list", Form.Json, Inline, [typeof(CniException), typeof(RefusedException)], "InlineList", "UserJson", "JsonErrorText"),
        new("plugin-result", Form.Json, Result, Targets.All.OfCni, "ResultJson", "Result020", "Result040", "CidrAddress", "CidrAddressJson",
            "IPAddressJson", "AddressText"),
        new("plugin-answer", Form.Json, Answer, Targets.All.OfCni, "PluginErrorJson", "PluginVersions"),
        new("cni-args", Form.Text, input => CniArgs.Join(CniArgs.Parse(Targets.All.Text(input))), Targets.All.OfCni, "CniArgs"),
    ];

    // What is accepted is written and read again as the same list.
    private static void List(byte[] input)
    {
        var list = NetworkListReader.Read(input, "list", _ => []); // a stored list, which was checked before
        NetworkList.Check(input, "list");
        var written = JsonSerializer.SerializeToUtf8Bytes(list, ListContext.Default.NetworkList);
        var again = JsonSerializer.SerializeToUtf8Bytes(
            JsonSerializer.Deserialize(written, ListContext.Default.NetworkList)!, ListContext.Default.NetworkList);
        if (!written.AsSpan().SequenceEqual(again))
            throw new InvalidOperationException("the list is another after it was written and read");
        foreach (var plugin in list.Plugins)
        {
            _ = PluginRequest.For(list, plugin, "{}"u8.ToArray(), plugin.Capabilities.ToDictionary(name => name, _ => plugin.Json));
            _ = PluginRequest.ForGc(list, plugin, [("c", "eth0")]);
        }
    }

    private static void Review(byte[] input)
    {
        NetworkList.Check(input, "list");
        var list = NetworkListReader.Read(input, "list", _ => []);
        InterfacelessList.Refuse(list);
        PoolOptions.RefuseUnfit(list, ListIpam.Of(list));
        foreach (var address in (string[])["10.1.0.5/16", "fd00::5/64"])
        {
            var request = new AttachmentRequest
            {
                ContainerId = ContainerId.Parse("c"), NetNs = "", IfName = InterfaceName.Parse("eth0"),
            };
            _ = (new AddressRequest([address], "0a:00:00:00:00:01") { IsExplicit = true }).ApplyTo(list, request);
        }
    }

    private static void Inline(byte[] input)
    {
        if (Targets.All.Choice(input, 2, out var rest) == 0)
        {
            _ = InlineList.Parse(InlineList.FromConfig(Targets.All.Text(rest)), "0123456789abcdef");
            return;
        }
        var options = Targets.All.Text(rest).Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .DistinctBy(pair => pair[0]).Select(pair => KeyValuePair.Create(InlineList.KeyPrefix + pair[0], pair[1]));
        _ = InlineList.Parse(InlineList.FromKeys(options), "0123456789abcdef");
    }

    // What is accepted can be written as its version, and read again as the same.
    private static void Result(byte[] input)
    {
        var version = CniVersions.All[Targets.All.Choice(input, CniVersions.All.Count, out var json)];
        var result = ResultJson.Parse(json, version);
        var written = ResultJson.Write(result, CniVersions.Newest);
        var again = ResultJson.Write(ResultJson.Parse(written, CniVersions.Newest), CniVersions.Newest);
        if (!written.AsSpan().SequenceEqual(again))
            throw new InvalidOperationException("the result is another after it was written and read");
        _ = ResultJson.Write(result, version);
    }

    private static void Answer(byte[] input)
    {
        var plugin = PluginType.Parse("bridge");
        if (Targets.All.Choice(input, 2, out var json) == 0)
            _ = PluginErrorJson.TryParse(json, plugin, "")?.ToJson(CniVersions.Newest);
        else
            _ = PluginVersions.Parse(json, plugin).ToJson();
    }
}
