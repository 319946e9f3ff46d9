using System.Text.Json.Serialization;
using CniCore.Spec;

namespace Fuzz.Targets;

[JsonSerializable(typeof(NetworkList))]
internal sealed partial class ListContext : JsonSerializerContext;
