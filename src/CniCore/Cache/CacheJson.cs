using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Cache;

/// <summary>The files of the cache folder.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(CidrAddressJson), typeof(IPAddressJson)])]
[JsonSerializable(typeof(Attachment))]
internal sealed partial class CacheJson : JsonSerializerContext;
