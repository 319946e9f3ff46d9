using System.Text.Json.Serialization;

namespace CniCore.Plugins.Firewall;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(FirewallConfig))]
internal sealed partial class FirewallJson : JsonSerializerContext;
