using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Runtime;
using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>
/// Addresses and a MAC that ADD requests, in each way that a list's plugins may support (CNI CONVENTIONS.md): the capabilities <c>ips</c>
/// and <c>mac</c>; <c>CNI_ARGS MAC=</c>; and, where no plugin has the capability <c>ips</c>, <c>args.cni.ips</c> and <c>CNI_ARGS IP=</c>.
/// </summary>
/// <param name="Ips">With or without prefix length; empty to leave the choice to IPAM.</param>
/// <param name="Mac">Empty to leave the choice to the plugin.</param>
internal sealed record AddressRequest(IReadOnlyList<string> Ips, string Mac)
{
    private const string IpsCapability = "ips";
    private const string IgnoreUnknown = "IgnoreUnknown";

    /// <summary>A user requests these addresses: they may be outside of the range that the list's IPAM assigns from.</summary>
    public bool IsExplicit { get; init; }

    /// <summary>The list and the request with the addresses added. Values that the request already has stay.</summary>
    public (NetworkList List, AttachmentRequest Request) ApplyTo(NetworkList list, AttachmentRequest request)
    {
        if (IsExplicit)
            list = WidenedRanges.For(list, Ips.Select(ip => AddressText.Parse(WithoutPrefix(ip))));
        var inArgs = Ips.Count > 0 && list.Main is not null && !list.HasCapability(IpsCapability);
        var capabilities = new Dictionary<string, JsonElement>(request.Capabilities);
        List<KeyValuePair<string, string>> args = [.. request.Args];
        if (Mac.Length > 0)
        {
            capabilities.TryAdd("mac", ListJson.Element(Mac));
            args.Add(new("MAC", Mac));
        }
        if (Ips.Count > 0)
            capabilities.TryAdd(IpsCapability, ListJson.Element(Array()));
        if (inArgs)
            args.Add(new("IP", IpArgument(list)));
        // Without it a plugin that does not know a key refuses the ADD (containernetworking/cni, types.LoadArgs).
        if (args.Count > 0 && args.All(arg => arg.Key != IgnoreUnknown))
            args.Insert(0, new(IgnoreUnknown, "1"));
        return (inArgs ? WithArgs(list) : list, request with { Args = args, Capabilities = capabilities });
    }

    /// <summary>The first requested address that the result does not have; null where it has all.</summary>
    public string? FirstMissingFrom(CniResult result) =>
        Ips.FirstOrDefault(ip => result.Ips.All(given => !given.Address.Address.Equals(AddressText.Parse(WithoutPrefix(ip)))));

    // static needs the prefix length; host-local before 0.9 does not accept one.
    private string IpArgument(NetworkList list) =>
        list.Main!.IpamType?.ToString() == "static" ? Ips[0] : WithoutPrefix(Ips[0]);

    private static string WithoutPrefix(string ip) => ip.Split('/')[0];

    private NetworkList WithArgs(NetworkList list)
    {
        var main = list.Main!;
        var args = JsonObject.Create(main.Json)!["args"]?.DeepClone() as JsonObject ?? [];
        if (args["cni"] is not JsonObject cni)
            args["cni"] = cni = [];
        cni["ips"] = Array();
        return list.With(list.MainIndex, main.With("args", args));
    }

    private JsonArray Array() => new([.. Ips.Select(ip => (JsonNode)ip)]);
}
