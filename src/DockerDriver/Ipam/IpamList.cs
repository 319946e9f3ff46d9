using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Networks;

namespace DockerDriver.Ipam;

/// <summary>
/// A list of an IPAM plugin alone. It is sent what the main plugin of the real list would send it, which is all of its own
/// configuration (CNI spec, section 4), so the list's name and everything else of it stays.
/// </summary>
internal static class IpamList
{
    public static NetworkList Of(NetworkList list, string ipam)
    {
        var json = JsonObject.Create(ListJson.InAllVersions(list))!;
        var main = json["plugins"]![0]!.DeepClone();
        main["type"] = ipam;
        json["plugins"] = new JsonArray(main);
        return Parse(ListJson.Element(json));
    }

    public static NetworkList Parse(JsonElement json) => NetworkListParser.Parse(ListJson.Bytes(json), source: null);

    /// <summary>An ADD of it, with a wish in every convention that there is (CNI CONVENTIONS.md): the ips capability, or else <c>args.cni.ips</c> and <c>CNI_ARGS IP=</c>.</summary>
    public static (NetworkList List, AttachmentRequest Request) Ask(NetworkList list, string id, string netns, CidrAddress? wish)
    {
        var request = new AttachmentRequest { ContainerId = ContainerId.Parse(id), NetNs = netns, IfName = AttachmentPlan.IfName };
        if (wish is not { } address)
            return (list, request);
        var json = ListJson.Of(list);
        return ListJson.Asks(json, "ips")
            ? (list, request with { Capabilities = new Dictionary<string, JsonElement> { ["ips"] = ListJson.Element(new JsonArray(address.ToString())) } })
            : (Parse(ListJson.WithAddressesInArgs(json, [address.ToString()])), request with { Args = [new("IgnoreUnknown", "1"), new("IP", address.Address.ToString())] });
    }
}
