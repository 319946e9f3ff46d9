using System.Text.Json;
using CniCore.Spec;

namespace DockerDriver.Labels;

/// <summary>A network that a container requests with its labels.</summary>
internal sealed record NetworkRequest(NetworkName Network, InterfaceName IfName)
{
    /// <summary>
    /// <c>cni.NET.ips</c>: the addresses to request from IPAM, with or without prefix length; empty to leave the choice to IPAM.
    /// </summary>
    public IReadOnlyList<string> Ips { get; init; } = [];

    /// <summary><c>cni.NET.mac</c>; empty to leave the choice to the plugin.</summary>
    public string Mac { get; init; } = "";

    /// <summary><c>cni.NET.args</c>, for <c>CNI_ARGS</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Args { get; init; } = [];

    /// <summary><c>cni.NET.capability.NAME</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Capabilities { get; init; } = new Dictionary<string, JsonElement>();
}
