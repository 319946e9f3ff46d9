using System.Text.Json.Serialization;
using CniCore.Linux.Netlink;

namespace CniCore.Plugins.Bridge;

/// <summary>
/// What cnid did to one bridge of the host: created it, or changed an existing one. Aliases and names prove nothing, since anybody can set
/// them. The kernel's index does: a bridge that was deleted and created again has another one.
/// </summary>
internal sealed record BridgeRecord
{
    /// <summary>Whether cnid created it. Otherwise only the changes listed here are cnid's.</summary>
    [JsonPropertyName("made")]
    public bool Made { get; init; }

    /// <summary>Its index; 0 until it is created.</summary>
    [JsonPropertyName("index")]
    public int Index { get; init; }

    /// <summary>
    /// The link group it is created with, a random number, by which it is found after a kill before its index was written. 0 once it is
    /// complete.
    /// </summary>
    [JsonPropertyName("token")]
    public int Token { get; init; }

    /// <summary>The addresses that cnid added, each with the networks whose gateway it is.</summary>
    [JsonPropertyName("addresses")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Addresses { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Addresses that a network with <c>forceAddress</c> removed from an existing bridge.</summary>
    [JsonPropertyName("taken")]
    public IReadOnlyList<string> Taken { get; init; } = [];

    /// <summary>Its MAC is fixed, whatever ports it has.</summary>
    [JsonPropertyName("keepsMac")]
    public bool KeepsMac { get; init; }

    /// <summary>It was down before.</summary>
    [JsonPropertyName("wasDown")]
    public bool WasDown { get; init; }

    /// <summary>It was not promiscuous before.</summary>
    [JsonPropertyName("wasNotPromiscuous")]
    public bool WasNotPromiscuous { get; init; }

    /// <summary>Whether the record is about that bridge.</summary>
    public bool Describes(Link bridge) => bridge.Kind == "bridge" && (Index == bridge.Index || IsUnfinished(bridge));

    /// <summary>Whether the creation of that bridge was not completed.</summary>
    public bool IsUnfinished(Link bridge) =>
        Made && Token != 0 && bridge.Kind == "bridge" && (Index == bridge.Index || bridge.Group == Token);
}
