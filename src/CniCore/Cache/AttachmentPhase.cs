using System.Text.Json.Serialization;

namespace CniCore.Cache;

/// <summary>How far an attachment has come. On disk before the step it names is taken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttachmentPhase>))]
public enum AttachmentPhase
{
    /// <summary>ADD has begun: any of its plugins may have run.</summary>
    Adding,

    /// <summary>ADD has succeeded.</summary>
    Added,

    /// <summary>DEL has begun and not succeeded yet.</summary>
    Deleting,
}
