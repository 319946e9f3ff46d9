using System.Net;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace Conformance;

/// <summary>The isolated host: a netns with one uplink and a default route. It ends with this process.</summary>
internal static class ScratchHost
{
    /// <summary>The interface that represents the host's uplink.</summary>
    public const string Uplink = "uplink0";

    /// <summary>The name of devices for containers, without their number.</summary>
    public const string Device = "dev";

    /// <summary>The folder of <see cref="Link"/>.</summary>
    public const string LinkFolder = Folder + "/builtin";

    private const string Folder = "/run/cnid/conformance";

    public static void Prepare()
    {
        using var routes = RouteSocket.Open();
        routes.SetUp(routes.FindLink("lo")!.Index);
        routes.CreateVeth(Uplink, "wire0");
        routes.SetUp(routes.FindLink("wire0")!.Index);
        var uplink = routes.FindLink(Uplink)!.Index;
        routes.SetUp(uplink);
        routes.AddAddress(uplink, AddressText.Parse("198.51.100.1"), 24, false);
        routes.AddRoute(new(IPAddress.Any, 0, AddressText.Parse("198.51.100.254"), uplink));
    }

    /// <summary>A netns for a container.</summary>
    public static NetworkNamespace NewContainer(int number, out string path)
    {
        path = $"{Folder}/{number}";
        return NetworkNamespace.CreatePinned(path);
    }

    /// <summary>A device that can be moved to a container.</summary>
    public static void NewDevice(int number)
    {
        using var routes = RouteSocket.Open();
        routes.CreateVeth(Device + number, "wire" + number);
    }

    /// <summary>A built-in plugin as an executable: a link of that name.</summary>
    public static string Link(string type)
    {
        var path = Path.Combine(LinkFolder, type);
        Directory.CreateDirectory(LinkFolder);
        if (!File.Exists(path))
            File.CreateSymbolicLink(path, Environment.ProcessPath!);
        return path;
    }
}
