using System.Text.Json.Serialization;

namespace CniCore.Plugins.Firewall;

/// <summary>The JSON of the firewall plugin. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(FirewallConfig))]
internal sealed partial class FirewallJson : JsonSerializerContext;
