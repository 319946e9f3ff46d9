using System.Text.Json;
using System.Text.Json.Serialization;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Cache;

/// <summary>
/// What an ADD was given and answered: all that its DEL and CHECK need, whatever has become of the configuration since.
/// Identity is (network, container id, interface name).
/// </summary>
public sealed record Attachment
{
    /// <summary>The layout of this file.</summary>
    [JsonPropertyName("schema")]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>CNI's container id.</summary>
    [JsonPropertyName("containerId")]
    public required string ContainerId { get; init; }

    /// <summary>The network's name.</summary>
    [JsonPropertyName("network")]
    public required string Network { get; init; }

    /// <summary>The interface's name at ADD.</summary>
    [JsonPropertyName("ifName")]
    public required string IfName { get; init; }

    /// <summary>Where ADD ran.</summary>
    [JsonPropertyName("netns")]
    public required string NetNs { get; init; }

    /// <summary>How far it has come.</summary>
    [JsonPropertyName("phase")]
    public AttachmentPhase Phase { get; init; }

    /// <summary>The list as ADD ran it, at the version ADD used.</summary>
    [JsonPropertyName("list")]
    public required NetworkList List { get; init; }

    /// <summary><c>CNI_ARGS</c>, joined.</summary>
    [JsonPropertyName("args")]
    public string Args { get; init; } = "";

    /// <summary>The capability arguments, those no plugin asked for included.</summary>
    [JsonPropertyName("capabilities")]
    public IReadOnlyDictionary<string, JsonElement> Capabilities { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The types that ADD performed in its own process; DEL and CHECK do the same.</summary>
    [JsonPropertyName("builtins")]
    public IReadOnlyList<string> Builtins { get; init => field = value ?? []; } = []; // files of before had none

    /// <summary>
    /// The last plugin's result. Of an ADD that runs, or did not come to its end, the result of the last plugin that succeeded, if any:
    /// between two built-ins it is not written down.
    /// </summary>
    [JsonPropertyName("result"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CniResult? Result { get; init; }

    /// <summary>
    /// The plugins, by their place in the list from 0, that hold nothing of it: their DEL has succeeded, or their ADD has not begun.
    /// DEL leaves them out: what they would be given is stale by then, and may be another attachment's.
    /// </summary>
    [JsonPropertyName("done"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Done { get; init; }

    /// <summary>Why ADD failed, where undoing it failed as well; null where ADD has succeeded.</summary>
    [JsonPropertyName("addFault"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AddFault { get; init; }

    /// <summary>Why the last DEL failed; null where none has.</summary>
    [JsonPropertyName("fault"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fault { get; init; }

    /// <summary>How many DELs have failed.</summary>
    [JsonPropertyName("failedDels"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int FailedDels { get; init; }

    /// <summary>When ADD began.</summary>
    [JsonPropertyName("createdAt")]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The schema this runtime reads and writes.</summary>
    internal const int CurrentSchema = StateFiles.Schema;

    internal string FileName => FileNameOf(Network, ContainerId, IfName);

    // Of any two different identities, the joined texts differ too: none of the three may contain a "/". libcni joins with "-", which all
    // may.
    internal static string FileNameOf(string network, string containerId, string ifName) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes($"{network}/{containerId}/{ifName}")))[..40] + ".json";
}
