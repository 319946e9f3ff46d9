using System.Text.Json;
using System.Text.Json.Serialization;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Tuning;

/// <summary>The keys of plugins/meta/tuning.</summary>
internal sealed record TuningConfig
{
    public const string DefaultDataDir = "/run/cni/tuning";

    /// <summary>Where what was changed is kept until DEL.</summary>
    [JsonPropertyName("dataDir")]
    public string? DataDir { get; init; }

    /// <summary>Values by key. Raw, as a key that is there twice is refused.</summary>
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

    /// <summary>The folder to use.</summary>
    [JsonIgnore]
    public string Folder => string.IsNullOrEmpty(DataDir) ? DefaultDataDir : DataDir;

    /// <summary>Reads the configuration of a call. MAC and sysctls are checked where they are used.</summary>
    public static TuningConfig Of(BuiltinCall call) => call.Read(TuningJson.Default.TuningConfig);

    /// <summary>
    /// What the link shall be like. The configuration's words yield to <c>CNI_ARGS</c>, these to the capability, and all to
    /// <c>args.cni</c>.
    /// </summary>
    /// <exception cref="CniPluginException">The MAC is none.</exception>
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

    /// <summary>The sysctls as they are written, in their order; <c>args.cni</c> comes last and wins.</summary>
    /// <exception cref="CniPluginException">A key is there twice, or a value is no string.</exception>
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

    /// <summary>CNI's conventions: arguments for plugins in <c>args.cni</c>.</summary>
    internal sealed record ArgsField([property: JsonPropertyName("cni")] TuningConfig? Cni);
}
