using System.Text.Json.Serialization;

namespace CniCore.Plugins.Tuning;

/// <summary>A link before it was changed, in the reference's form. <see cref="Network"/> is our addition, for GC.</summary>
internal sealed record TuningBackup(
    [property: JsonPropertyName("mac"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Mac,
    [property: JsonPropertyName("promisc"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Promisc,
    [property: JsonPropertyName("mtu"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Mtu,
    [property: JsonPropertyName("allmulti"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? AllMulti,
    [property: JsonPropertyName("txQLen"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? TxQueueLength,
    [property: JsonPropertyName("network"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Network)
{
    public static TuningBackup Of(LinkTuning before, string network) =>
        new(before.Mac, before.Promisc, before.Mtu, before.AllMulti, before.TxQueueLength, network);

    public LinkTuning ToTuning() => new() { Mac = Mac, Promisc = Promisc, Mtu = Mtu, AllMulti = AllMulti, TxQueueLength = TxQueueLength };
}
