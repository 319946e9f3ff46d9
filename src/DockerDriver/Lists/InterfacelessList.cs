using CniCore.Spec;
using DockerDriver.Errors;

namespace DockerDriver.Lists;

/// <summary>A list whose plugins only change an interface that another plugin made: it gives a container no interface.</summary>
internal static class InterfacelessList
{
    /// <summary>Whether the list is one. A list of an IPAM plugin alone makes no interface either.</summary>
    public static bool Matches(NetworkList list) => list.Main is not { } main || main.Type.IsReferenceIpam;

    /// <exception cref="RefusedException">It is such a list.</exception>
    public static void Refuse(NetworkList list)
    {
        if (Matches(list))
            throw new RefusedException($"the list '{list.Name}' cannot be a Docker network: {Text(list)}");
    }

    /// <summary>The message, with a solution.</summary>
    public static string Text(NetworkList list)
    {
        List<string> types = [.. list.Plugins.Select(plugin => plugin.Type.ToString())];
        var loopback = types.Contains("loopback") ? ": loopback sets up lo, which every container has" : "";
        return $"none of its plugins ({string.Join(", ", types)}) makes an interface{loopback}; add one that does, such as bridge";
    }
}
