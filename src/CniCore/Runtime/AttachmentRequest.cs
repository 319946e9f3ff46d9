using System.Text.Json;
using CniCore.Config;
using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>
/// What a verb is about: one container's interface on a network, and what the caller gives its plugins (libcni's RuntimeConf).
/// </summary>
public sealed record AttachmentRequest
{
    /// <summary>The container, or whatever identifies the owner.</summary>
    public required ContainerId ContainerId { get; init; }

    /// <summary>Path of the network namespace; may be empty for DEL.</summary>
    public required string NetNs { get; init; }

    /// <summary>The interface's name inside.</summary>
    public required InterfaceName IfName { get; init; }

    /// <summary>
    /// <c>CNI_ARGS</c>, in order. Neither side may contain <c>;</c>, nor the key <c>=</c>. DEL and CHECK replay ADD's where this is empty.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Args { get; init; } = [];

    /// <summary>Parses <c>CNI_ARGS</c> as cnitool does: <c>KEY=VALUE;KEY=VALUE</c>, neither of them empty.</summary>
    /// <exception cref="CniConfigException">A part is not <c>KEY=VALUE</c>.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> ParseArgs(string text) => CniArgs.Parse(text);

    /// <summary>
    /// Capability arguments by capability name; each plugin gets those it asks for. DEL and CHECK replay ADD's where this is empty.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Capabilities { get; init; } = new Dictionary<string, JsonElement>();
}
