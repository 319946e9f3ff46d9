using System.Text.Json.Serialization;
using CniCore.Linux.Netlink;

namespace CniCore.Plugins.Bridge;

/// <summary>
/// What cnid has done to one bridge of the host: made it, or changed somebody else's. An alias or a name proves nothing, for anybody can
/// set them; the kernel's index does: a bridge that vanished and was made again by an administrator has another.
/// </summary>
internal sealed record BridgeRecord
{
    /// <summary>Whether cnid made it. Else it was there, and only what is listed here is cnid's.</summary>
    [JsonPropertyName("made")]
    public bool Made { get; init; }

    /// <summary>Its index; 0 until it is made.</summary>
    [JsonPropertyName("index")]
    public int Index { get; init; }

    /// <summary>
    /// The group it is made with, a random number: how it is found again after a kill before its index was written. 0 once it is
    /// finished.
    /// </summary>
    [JsonPropertyName("token")]
    public int Token { get; init; }

    /// <summary>The addresses that cnid gave it, each with the networks whose gateway it is.</summary>
    [JsonPropertyName("addresses")]
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Addresses { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Addresses that a network with <c>forceAddress</c> took from somebody else's bridge.</summary>
    [JsonPropertyName("taken")]
    public IReadOnlyList<string> Taken { get; init; } = [];

    /// <summary>It keeps its MAC whichever ports come and go.</summary>
    [JsonPropertyName("keepsMac")]
    public bool KeepsMac { get; init; }

    /// <summary>It was down.</summary>
    [JsonPropertyName("wasDown")]
    public bool WasDown { get; init; }

    /// <summary>It was not promiscuous.</summary>
    [JsonPropertyName("wasNotPromiscuous")]
    public bool WasNotPromiscuous { get; init; }

    /// <summary>Whether it is about that bridge.</summary>
    public bool Describes(Link bridge) => bridge.Kind == "bridge" && (Index == bridge.Index || IsUnfinished(bridge));

    /// <summary>Whether that bridge was begun and not finished.</summary>
    public bool IsUnfinished(Link bridge) =>
        Made && Token != 0 && bridge.Kind == "bridge" && (Index == bridge.Index || bridge.Group == Token);
}
