using System.Text.Json;
using CniCore.Config;
using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>What a verb works on: one container's interface on a network, with arguments for the plugins (libcni's RuntimeConf).</summary>
public sealed record AttachmentRequest
{
    /// <summary>CNI's container id.</summary>
    public required ContainerId ContainerId { get; init; }

    /// <summary>Path of the network namespace; may be empty for DEL.</summary>
    public required string NetNs { get; init; }

    /// <summary>The interface's name in the container.</summary>
    public required InterfaceName IfName { get; init; }

    /// <summary>
    /// <c>CNI_ARGS</c>, in order. No key or value contains <c>;</c>, no key contains <c>=</c>. If empty, DEL and CHECK replay ADD's.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Args { get; init; } = [];

    /// <summary>
    /// The list has an IPAM plugin only: there is no interface whose packets the firewall would have to accept.
    /// </summary>
    public bool IsAddressOnly { get; init; }

    /// <summary>Parses <c>CNI_ARGS</c> as cnitool does: <c>KEY=VALUE;KEY=VALUE</c>, no key and no value empty.</summary>
    /// <exception cref="CniConfigException">A part is not <c>KEY=VALUE</c>.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> ParseArgs(string text) => CniArgs.Parse(text);

    /// <summary>
    /// Capability arguments by capability name. Each plugin gets those it asks for. If empty, DEL and CHECK replay ADD's.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Capabilities { get; init; } = new Dictionary<string, JsonElement>();
}
