using System.Text.Json;
using System.Text.Json.Serialization;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Cache;

/// <summary>
/// What an ADD was given and returned: everything its DEL and CHECK need, even if the configuration has changed since. It is identified by
/// network, container id and interface name.
/// </summary>
public sealed record Attachment
{
    private static readonly Dictionary<string, JsonElement> None = [];

    /// <summary>The version of the file format.</summary>
    [JsonPropertyName("schema")]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>CNI's container id.</summary>
    [JsonPropertyName("containerId")]
    public required string ContainerId { get; init; }

    /// <summary>The network's name.</summary>
    [JsonPropertyName("network")]
    public required string Network { get; init; }

    /// <summary>The interface's name in the container, as given to ADD.</summary>
    [JsonPropertyName("ifName")]
    public required string IfName { get; init; }

    /// <summary>Path of the network namespace in which ADD ran.</summary>
    [JsonPropertyName("netns")]
    public required string NetNs { get; init; }

    /// <summary>How far ADD or DEL has come.</summary>
    [JsonPropertyName("phase")]
    public AttachmentPhase Phase { get; init; }

    /// <summary>The list as ADD ran it, at the version ADD used.</summary>
    [JsonPropertyName("list")]
    public required NetworkList List { get; init; }

    /// <summary><c>CNI_ARGS</c>, joined.</summary>
    [JsonPropertyName("args")]
    public string Args { get; init => field = value ?? ""; } = "";

    /// <summary>The capability arguments by capability, including those that no plugin asked for.</summary>
    [JsonPropertyName("capabilities")]
    public IReadOnlyDictionary<string, JsonElement> Capabilities { get; init => field = value ?? None; } = None;

    /// <summary>The plugin types that ADD ran as built-ins. DEL and CHECK run the same ones as built-ins.</summary>
    [JsonPropertyName("builtins")]
    public IReadOnlyList<string> Builtins { get; init => field = value ?? []; } = []; // older files lack it

    /// <summary>
    /// The result of the last plugin. While ADD runs, or after it failed, this is the result of the last plugin that succeeded; it is not
    /// updated between two built-ins.
    /// </summary>
    [JsonPropertyName("result"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CniResult? Result { get; init; }

    /// <summary>
    /// The plugins, by index, that have nothing left to delete: their DEL has succeeded, or their ADD never started. DEL skips them, since
    /// what they would be given may belong to another attachment by now.
    /// </summary>
    [JsonPropertyName("done"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? Done { get; init; }

    /// <summary>Why ADD failed, if undoing it failed too; null if ADD succeeded.</summary>
    [JsonPropertyName("addFault"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AddFault { get; init; }

    /// <summary>Why the last DEL failed; null if none has.</summary>
    [JsonPropertyName("fault"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fault { get; init; }

    /// <summary>How many DELs have failed.</summary>
    [JsonPropertyName("failedDels"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int FailedDels { get; init; }

    /// <summary>
    /// In the file only: the list ends with <c>cnid-admission</c>, which the file leaves out. cnid 0.1 does not know that plugin, and would
    /// not run a DEL of a list with it.
    /// </summary>
    [JsonPropertyName("admitted"), JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal bool IsAdmitted { get; init; }

    /// <summary>When ADD began.</summary>
    [JsonPropertyName("createdAt")]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The schema this runtime reads and writes.</summary>
    internal const int CurrentSchema = StateFiles.Schema;

    /// <summary>The attachment as its file has it.</summary>
    internal Attachment InFile => List.Plugins is [.., var last] && last.Type == PluginType.Admission
        ? this with
        {
            List = List with { Plugins = [.. List.Plugins.SkipLast(1)] },
            Builtins = [.. Builtins.Where(type => type != PluginType.Admission.ToString())],
            IsAdmitted = true,
        }
        : this;

    /// <summary>The attachment that a file describes.</summary>
    internal Attachment OfFile => IsAdmitted
        ? this with
        {
            List = List with { Plugins = [.. List.Plugins, PluginConfig.Admission] },
            Builtins = [.. Builtins, PluginType.Admission.ToString()],
            IsAdmitted = false,
        }
        : this;

    internal string FileName => FileNameOf(Network, ContainerId, IfName);

    // The joined text is unique, since none of the three may contain "/". libcni joins with "-", which all three may contain.
    internal static string FileNameOf(string network, string containerId, string ifName) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes($"{network}/{containerId}/{ifName}")))[..40] + ".json";
}
