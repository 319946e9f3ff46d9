using CniCore.Spec;
using DockerDriver.Errors;

namespace DockerDriver.Lists;

/// <summary>A list of plugins that only change what another has made: no container gets an interface by it.</summary>
internal static class InterfacelessList
{
    /// <summary>Whether it is such a list. A plugin that only gives addresses makes none either.</summary>
    public static bool Is(NetworkList list) => list.Main is not { } main || main.Type.IsReferenceIpam;

    /// <exception cref="RefusedException">It is such a list.</exception>
    public static void Refuse(NetworkList list)
    {
        if (Is(list))
            throw new RefusedException($"the list '{list.Name}' cannot be a Docker network: {Text(list)}");
    }

    /// <summary>Says so, and what to do.</summary>
    public static string Text(NetworkList list)
    {
        List<string> types = [.. list.Plugins.Select(plugin => plugin.Type.ToString())];
        var loopback = types.Contains("loopback") ? ": loopback sets up lo, which every container has" : "";
        return $"none of its plugins ({string.Join(", ", types)}) makes an interface{loopback}; add one that does, such as bridge";
    }
}
