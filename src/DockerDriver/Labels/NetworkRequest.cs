using System.Text.Json;
using CniCore.Spec;

namespace DockerDriver.Labels;

/// <summary>One network a container asks for, by its labels.</summary>
internal sealed record NetworkRequest(NetworkName Network, InterfaceName IfName)
{
    /// <summary>
    /// <c>cni.NET.ips</c>: addresses, with or without a prefix length, as IPAM is to give them; empty where it may choose.
    /// </summary>
    public IReadOnlyList<string> Ips { get; init; } = [];

    /// <summary><c>cni.NET.mac</c>; empty where the plugin may choose.</summary>
    public string Mac { get; init; } = "";

    /// <summary><c>cni.NET.args</c>, for <c>CNI_ARGS</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Args { get; init; } = [];

    /// <summary><c>cni.NET.capability.NAME</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Capabilities { get; init; } = new Dictionary<string, JsonElement>();
}
