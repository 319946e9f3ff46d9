using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true,
    Converters = [typeof(CidrAddressJson), typeof(IPAddressJson), typeof(NumberJson)])]
[JsonSerializable(typeof(HostLocalFields))]
[JsonSerializable(typeof(DataDirFields))]
internal sealed partial class HostLocalJson : JsonSerializerContext;
