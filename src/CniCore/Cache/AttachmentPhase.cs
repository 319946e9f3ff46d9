using System.Text.Json.Serialization;

namespace CniCore.Cache;

/// <summary>How far an attachment has come. The phase is on disk before the step that it names starts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AttachmentPhase>))]
public enum AttachmentPhase
{
    /// <summary>ADD has started: any of its plugins may have run.</summary>
    Adding,

    /// <summary>ADD has succeeded.</summary>
    Added,

    /// <summary>DEL has started and has not succeeded yet.</summary>
    Deleting,
}
