using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>The JSON of host-local. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true,
    Converters = [typeof(CidrAddressJson), typeof(IPAddressJson), typeof(NumberJson)])]
[JsonSerializable(typeof(HostLocalFields))]
[JsonSerializable(typeof(DataDirFields))]
internal sealed partial class HostLocalJson : JsonSerializerContext;
