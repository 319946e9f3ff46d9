using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Config;
using CniCore.Spec;
using DockerDriver.Lists;

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
        var main = json["plugins"]![list.PlaceOfMain]!.DeepClone();
        main["type"] = ipam;
        json["plugins"] = new JsonArray(main);
        return Parse(ListJson.Element(json));
    }

    public static NetworkList Parse(JsonElement json) => NetworkListParser.Parse(ListJson.Bytes(json), source: null);
}
