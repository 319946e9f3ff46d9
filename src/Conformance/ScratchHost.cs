using System.Net;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace Conformance;

/// <summary>What a plugin finds on the host: a network of its own with one uplink and a way out. It goes with this process.</summary>
internal static class ScratchHost
{
    /// <summary>The interface that stands for the machine's network.</summary>
    public const string Uplink = "uplink0";

    /// <summary>What the devices that can be given away are called, before their number.</summary>
    public const string Device = "dev";

    /// <summary>Where <see cref="Link"/> puts them.</summary>
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

    /// <summary>A namespace for a container.</summary>
    public static NetworkNamespace NewContainer(int number, out string path)
    {
        path = $"{Folder}/{number}";
        return NetworkNamespace.CreatePinned(path);
    }

    /// <summary>A device of this host that a container can be given.</summary>
    public static void NewDevice(int number)
    {
        using var routes = RouteSocket.Open();
        routes.CreateVeth(Device + number, "wire" + number);
    }

    /// <summary>A plugin of cnid's own as an executable: a link of that name.</summary>
    public static string Link(string type)
    {
        var path = Path.Combine(LinkFolder, type);
        Directory.CreateDirectory(LinkFolder);
        if (!File.Exists(path))
            File.CreateSymbolicLink(path, Environment.ProcessPath!);
        return path;
    }
}
