using System.Text.Json.Serialization;

namespace CniCore.Plugins.Interfaces;

[JsonSerializable(typeof(ForwardingRecord))]
internal sealed partial class ForwardingJson : JsonSerializerContext;
