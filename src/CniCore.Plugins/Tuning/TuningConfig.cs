using System.Text.Json;
using System.Text.Json.Serialization;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Tuning;

/// <summary>The configuration of tuning (plugins/meta/tuning).</summary>
internal sealed record TuningConfig
{
    public const string DefaultDataDir = "/run/cni/tuning";

    /// <summary>The folder of the backups.</summary>
    [JsonPropertyName("dataDir")]
    public string? DataDir { get; init; }

    /// <summary>The sysctls, as raw JSON, since a duplicate key is an error.</summary>
    [JsonPropertyName("sysctl")]
    public JsonElement? Sysctl { get; init; }

    [JsonPropertyName("mac")]
    public string? Mac { get; init; }

    [JsonPropertyName("promisc")]
    public bool? Promisc { get; init; }

    [JsonPropertyName("mtu")]
    public int? Mtu { get; init; }

    [JsonPropertyName("txQLen")]
    public int? TxQueueLength { get; init; }

    [JsonPropertyName("allmulti")]
    public bool? AllMulti { get; init; }

    [JsonPropertyName("runtimeConfig")]
    public RuntimeField? Runtime { get; init; }

    [JsonPropertyName("args")]
    public ArgsField? Args { get; init; }

    /// <summary>The folder of the backups, with the default.</summary>
    [JsonIgnore]
    public string Folder => string.IsNullOrEmpty(DataDir) ? DefaultDataDir : DataDir;

    /// <summary>Reads the configuration of a call. MAC and sysctls are checked where they are used.</summary>
    public static TuningConfig Of(BuiltinCall call) => call.Read(TuningJson.Default.TuningConfig);

    /// <summary>
    /// The link's settings. <c>args.cni</c> wins over the capability, which wins over <c>CNI_ARGS</c>, which win over the configuration.
    /// </summary>
    /// <exception cref="CniPluginException">The MAC is invalid.</exception>
    public LinkTuning LinkFor(BuiltinCall call)
    {
        var mac = Args?.Cni?.Mac ?? Some(Runtime?.Mac) ?? Some(call.Args.GetValueOrDefault("MAC")) ?? Mac;
        var mtu = Args?.Cni?.Mtu ?? Mtu ?? 0;
        return new()
        {
            Mac = string.IsNullOrEmpty(mac) ? null : HardwareAddress.Parse(mac),
            Promisc = (Args?.Cni?.Promisc ?? Promisc) == true ? true : null,
            Mtu = mtu == 0 ? null : mtu,
            AllMulti = Args?.Cni?.AllMulti ?? AllMulti,
            TxQueueLength = Args?.Cni?.TxQueueLength ?? TxQueueLength,
        };
    }

    /// <summary>The sysctls in their order; <c>args.cni</c> comes last and wins.</summary>
    /// <exception cref="CniPluginException">A key appears twice, or a value is not a string.</exception>
    public Dictionary<string, string> Sysctls()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in Strings(Sysctl))
        {
            if (!found.TryAdd(key, value))
                throw new CniPluginException(CniErrorCode.InvalidConfig, "duplicated sysctl keys are not allowed", key);
        }
        foreach (var (key, value) in Strings(Args?.Cni?.Sysctl))
            found[key] = value;
        return found;
    }

    private static IEnumerable<(string Key, string Value)> Strings(JsonElement? values) => values switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.Object } found => found.EnumerateObject()
            .Select(sysctl => (sysctl.Name,
                sysctl.Value.ValueKind == JsonValueKind.String ? sysctl.Value.GetString()! : throw NotStrings())),
        _ => throw NotStrings(),
    };

    private static CniPluginException NotStrings() =>
        new(CniErrorCode.Decoding, "failed to load netconf", "sysctl is not an object of strings");

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>The capability.</summary>
    internal sealed record RuntimeField([property: JsonPropertyName("mac")] string? Mac);

    /// <summary>Arguments for plugins in <c>args.cni</c> (CNI conventions).</summary>
    internal sealed record ArgsField([property: JsonPropertyName("cni")] TuningConfig? Cni);
}
